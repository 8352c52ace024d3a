/* lead */ select /*vt+ QUERY_-#TIMEOUT_MS=5 */ 1 -- tail
 # mor/*e
 /*! , 2 */ /*M!100100 , 3 */ from «t