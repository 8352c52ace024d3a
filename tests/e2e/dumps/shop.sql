-- One table of each kind, values at the ends of their types, and programs of each kind.
create table kinds (id int unsigned not null auto_increment primary key, t tinyint, s smallint unsigned zerofill, m mediumint, b bigint unsigned,
  d decimal(30,10), f float, g double, bits bit(17), flag boolean, dt date, ti time(6), ts timestamp(3) null default current_timestamp(3) on update current_timestamp(3),
  dtm datetime(6), y year, c char(10) character set latin1, v varchar(200) character set utf8mb4 collate utf8mb4_unicode_ci, bin binary(6), vb varbinary(60),
  tb tinyblob, mt mediumtext, lb longblob, e enum('a','b''c','d,e'), st set('x','y','z'), j json, g1 point, g2 geometry, u uuid, i6 inet6,
  gen varchar(40) generated always as (concat(t,'-',s)) stored, gv int as (t+1) virtual, inv int invisible default 7, key (v(20)), unique key ub (b), key (dt, ti), fulltext key (mt)) engine=InnoDB comment='all; types''s' ;
insert into kinds (t,s,m,b,d,f,g,bits,flag,dt,ti,ts,dtm,y,c,v,bin,vb,tb,mt,lb,e,st,j,g1,g2,u,i6) values
 (-128,7,-8388608,18446744073709551615,12345678901234567890.0123456789,1.17549e-38,1.7976931348623157e308,b'10101010101010101',true,'2024-02-29','-838:59:59.000000','2024-03-31 01:30:00.123','9999-12-31 23:59:59.999999',1901,'é','\U0001F600 "quoted" \\back\\ \'single\' \n\r\t\Z','abc',x'00FF1A0A0D5C2722','', 'words here; -- not a comment', x'000102FEFF','b''c','x,z','{"a":[1,2.50,"\\u00e9",null]}',point(1.5,-2),ST_GeomFromText('POLYGON((0 0,0 5,5 5,0 0))'),'123e4567-e89b-12d3-a456-426655440000','2001:db8::1'),
 (null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null),
 (0,0,0,0,0,0,0,b'0',false,'0001-01-01','00:00:00','2000-01-01 00:00:00','1000-01-01 00:00:00',2155,'','','','','','','','a','','[]',point(0,0),point(0,0),'00000000-0000-0000-0000-000000000000','::');
insert into kinds (b, ts, v, lb) select 1000+seq, '2024-05-05 05:05:05', repeat(char(33+seq%90), seq%150), repeat(unhex(lpad(hex(seq%256),2,'0')), seq) from seq_1_to_500;
create table parent (id int primary key, name varchar(20)) engine=InnoDB;
create table child (id int primary key auto_increment, pid int, constraint fk_p foreign key (pid) references parent (id) on delete cascade, check (pid > 0)) auto_increment=100;
insert into parent values (1,'one'),(2,'two'); insert into child (pid) values (1),(2),(1);
create table isam (a int, b text) engine=MyISAM; insert into isam values (1,'x'),(1,'x'),(2,'y');
create table ar (a int, b varchar(10)) engine=Aria; insert into ar values (5,'five');
create table mem (a int) engine=MEMORY; insert into mem values (1),(2);
create table parts (id int, d date, primary key (id,d)) partition by range (year(d)) (partition p0 values less than (2000), partition p1 values less than maxvalue);
insert into parts values (1,'1999-01-01'),(2,'2020-01-01');
create table versioned (id int primary key, v int) with system versioning; insert into versioned values (1,1); update versioned set v = 2;
create table `odd name-t` (`a b` int, `select` int, `ü` varchar(3), primary key (`a b`)); insert into `odd name-t` values (1,2,'ü');
create sequence numbers start with 5 increment by 3; do nextval(numbers);
create view v1 as select id, name from parent where name <> 'x;y';
create view v2 as select v1.name, count(*) n from v1 join child on child.pid = v1.id group by v1.name;
create table logt (what varchar(60), n int);
delimiter //
create trigger tr_ins before insert on parent for each row begin if new.name is null then set new.name = 'none;'; end if; insert into logt values (concat('ins ', new.name), 1); end//
create trigger tr_upd after update on parent for each row insert into logt values ('upd', new.id)//
create procedure p_add(in a int, out b int) modifies sql data comment 'adds' begin declare x int default 1; set b = a + x; insert into logt values ('p', b); select b as result; select * from parent order by id; end//
create function f_twice(a int) returns int deterministic return a * 2//
create event ev_never on schedule every 1 year starts '2037-01-01 00:00:00' do begin insert into logt values ('event', 1); end//
delimiter ;
