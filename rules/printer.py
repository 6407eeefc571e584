def print_expr(e): return repr(e)
