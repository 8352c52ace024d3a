with ,):÷÷÷t @ @:= 8,iwith(r(-):÷÷÷selecq @dc r(s((|5 t @ @:= 8,iwi(htr(-):÷÷÷select @dc r(s((|5 t @:Â 8,):select @wsx := 7 @:Â 8,):select @wsx := 7,):sel%c, @@b, @ly wzx with&
2:2(-:÷÷÷select @dc r(s((|5 t @:Â 8,):select @wsx := 7 @:Â 8,):select @wsx := 7,):seth&
2:222.32222