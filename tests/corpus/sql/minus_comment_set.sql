set @a = 1 --#c
2