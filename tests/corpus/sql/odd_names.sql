select convert(a using 'b c'), `5`(1), @@`a``b`.c from t where cast(a as char character set 'utf8') = 'x' order by null desc
