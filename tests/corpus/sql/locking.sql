select a from t use vindex (v) where b = 1 for share of t skip locked for update of t nowait
