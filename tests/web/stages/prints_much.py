line = "x" * 9_999
for _ in range(10_000):
    print(line)
