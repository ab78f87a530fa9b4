//go:build !purego

#include "textflag.h"

// func linkTokens(doc *byte, tokens, skips *uint32, n int, open *stack, kinds *[256]uint32) (depth int)
TEXT ·linkTokens(SB), NOSPLIT, $0-56
	MOVQ doc+0(FP), SI
	MOVQ tokens+8(FP), DI
	MOVQ skips+16(FP), R8
	MOVQ n+24(FP), R13
	MOVQ open+32(FP), R9
	MOVQ kinds+40(FP), R11
	MOVQ R9, R14
	LEAQ 4000(R9), R12 // 4*MaxDepth
	ADDQ $4, R9
	MOVQ $1, R10

token:
	MOVL (DI)(R10*4), AX
	MOVBLZX -1(SI)(AX*1), AX
	MOVL (R9), BX
	MOVBLZX (R11)(AX*4), CX
	MOVBLZX 1(R11)(AX*4), DX
	MOVWQSX 2(R11)(AX*4), AX
	TESTB CX, BX // the lowest bits: the others of CX are 0
	JZ bad
	SHRL $2, BX
	MOVL R10, (R8)(R10*4)
	INCL R10
	MOVL R10, (R8)(BX*4)
	LEAL -4(DX)(R10*4), DX
	MOVL DX, 4(R9)
	ADDQ AX, R9
	CMPQ R9, R12
	JHI bad
	CMPQ R10, R13
	JLT token
	SUBQ R14, R9
	SHRQ $2, R9
	MOVQ R9, depth+48(FP)
	RET

bad:
	MOVQ $-1, depth+48(FP)
	RET
