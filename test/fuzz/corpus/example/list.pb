

mp
n
5
3

image/encoded

one

image/format

png
5
3

image/encoded

two

image/format

png