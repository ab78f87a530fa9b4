//go:build !purego

#include "textflag.h"

// func guessSome(doc *byte, tokens, skips *uint32, found *candidate, guesses *[guessSize]uint16, i, end int) (n int)
TEXT ·guessSome(SB), NOSPLIT, $0-64
	MOVQ doc+0(FP), SI
	MOVQ tokens+8(FP), DI
	MOVQ skips+16(FP), R8
	MOVQ found+24(FP), R9
	MOVQ guesses+32(FP), R10
	MOVQ i+40(FP), CX
	MOVQ end+48(FP), R11
	MOVQ R9, R12

key:
	MOVL (DI)(CX*4), AX
	MOVL -5(SI)(AX*1), AX // the key's end and its closing quote
	MOVL CX, (R9)
	MOVL 4(R8)(CX*4), CX
	IMUL3L $0x9E3779B9, AX, BX // guessOf
	SHRL $23, BX // 32 less guessBits
	MOVBLZX (R10)(BX*1), BX
	SHRL $24, AX
	CMPL AX, $34
	JNE blanks

found:
	MOVL BX, 4(R9)
	LEAQ 8(R9), AX
	TESTL BX, BX
	CMOVQNE AX, R9
	CMPQ CX, R11
	JLT key
	SUBQ R12, R9
	SHRQ $3, R9
	MOVQ R9, n+56(FP)
	RET

blanks:
	MOVL $0x80000000, BX // noGuess
	JMP found
