select @@b, @@ssio.cj, @@s..st, @a..b, @.c
