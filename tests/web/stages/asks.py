# %% name
name = input("Your name? ")

# %% greeting
print(f"Hello, {name}!")
