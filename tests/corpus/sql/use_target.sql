use ks:80-c0@replica
