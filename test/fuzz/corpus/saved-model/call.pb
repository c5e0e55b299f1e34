»
"serveþ
;
xPlaceholder*
dtype0*
shape:ÿÿÿÿÿÿÿÿÿ

wVarHandleOp*
dtype0
1
yStatefulPartitionedCallxw*
fR
bodym
k

body
a
b
s#
rReadVariableOpb*
dtype0!
pAddV2a	r:value:0*
T0"

sp:z:0*/
serving_default

x
x:0
y
y:0