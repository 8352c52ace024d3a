/* lead */ select /*vt+ QUERY_TIMEOUT_MS=5 */ 1 -- tail
 # more
 /*! , 2 */ /*M!100100 , 3 */ from t