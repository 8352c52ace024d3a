explain format = '% s' select 1
