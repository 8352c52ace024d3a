create table t (a text collate `b c`, fulltext key k (a) with parser `d e`, key l (a) using `--`) engine = 'f g', charset `h i`
