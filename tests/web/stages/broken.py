# MARK-broken
1 / 0
