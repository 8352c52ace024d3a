select ';'; select `;`; -- ;
 begin; ; insert into t values (';')