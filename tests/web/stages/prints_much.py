line = "x" * 99
for _ in range(1_000_000):
    print(line)
