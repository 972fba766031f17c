/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handlers that rows name, one em_<mnemonic> or one for a family. They find
 * their operands loaded and compute; see struct opcode for the contract.
 */
#ifndef KVM_X86_EMULATE_HANDLERS_H
#define KVM_X86_EMULATE_HANDLERS_H

struct x86_emulate_ctxt;

/* alu.c */
int em_aaa(struct x86_emulate_ctxt *ctxt);
int em_aad(struct x86_emulate_ctxt *ctxt);
int em_aam(struct x86_emulate_ctxt *ctxt);
int em_aas(struct x86_emulate_ctxt *ctxt);
int em_adc(struct x86_emulate_ctxt *ctxt);
int em_add(struct x86_emulate_ctxt *ctxt);
int em_and(struct x86_emulate_ctxt *ctxt);
int em_bsf(struct x86_emulate_ctxt *ctxt);
int em_bsr(struct x86_emulate_ctxt *ctxt);
int em_bswap(struct x86_emulate_ctxt *ctxt);
int em_bt(struct x86_emulate_ctxt *ctxt);
int em_btc(struct x86_emulate_ctxt *ctxt);
int em_btr(struct x86_emulate_ctxt *ctxt);
int em_bts(struct x86_emulate_ctxt *ctxt);
int em_cbw(struct x86_emulate_ctxt *ctxt);
int em_clc(struct x86_emulate_ctxt *ctxt);
int em_cld(struct x86_emulate_ctxt *ctxt);
int em_cmc(struct x86_emulate_ctxt *ctxt);
int em_cmp(struct x86_emulate_ctxt *ctxt);
int em_cmpxchg(struct x86_emulate_ctxt *ctxt);
int em_cmpxchg8b(struct x86_emulate_ctxt *ctxt);
int em_cwd(struct x86_emulate_ctxt *ctxt);
int em_daa(struct x86_emulate_ctxt *ctxt);
int em_das(struct x86_emulate_ctxt *ctxt);
int em_dec(struct x86_emulate_ctxt *ctxt);
int em_div(struct x86_emulate_ctxt *ctxt);
int em_idiv(struct x86_emulate_ctxt *ctxt);
int em_imul(struct x86_emulate_ctxt *ctxt);
int em_imul2(struct x86_emulate_ctxt *ctxt);
int em_inc(struct x86_emulate_ctxt *ctxt);
int em_lahf(struct x86_emulate_ctxt *ctxt);
int em_mul(struct x86_emulate_ctxt *ctxt);
int em_neg(struct x86_emulate_ctxt *ctxt);
int em_not(struct x86_emulate_ctxt *ctxt);
int em_or(struct x86_emulate_ctxt *ctxt);
int em_rcl(struct x86_emulate_ctxt *ctxt);
int em_rcr(struct x86_emulate_ctxt *ctxt);
int em_rol(struct x86_emulate_ctxt *ctxt);
int em_ror(struct x86_emulate_ctxt *ctxt);
int em_sahf(struct x86_emulate_ctxt *ctxt);
int em_salc(struct x86_emulate_ctxt *ctxt);
int em_sar(struct x86_emulate_ctxt *ctxt);
int em_sbb(struct x86_emulate_ctxt *ctxt);
int em_shl(struct x86_emulate_ctxt *ctxt);
int em_shld(struct x86_emulate_ctxt *ctxt);
int em_shr(struct x86_emulate_ctxt *ctxt);
int em_shrd(struct x86_emulate_ctxt *ctxt);
int em_stc(struct x86_emulate_ctxt *ctxt);
int em_std(struct x86_emulate_ctxt *ctxt);
int em_sub(struct x86_emulate_ctxt *ctxt);
int em_test(struct x86_emulate_ctxt *ctxt);
int em_xadd(struct x86_emulate_ctxt *ctxt);
int em_xor(struct x86_emulate_ctxt *ctxt);

/* avx.c */
int em_vbroadcast(struct x86_emulate_ctxt *ctxt);
int em_vextract(struct x86_emulate_ctxt *ctxt);
int em_vinsert(struct x86_emulate_ctxt *ctxt);
int em_vmaskmov(struct x86_emulate_ctxt *ctxt);
int em_vmovh(struct x86_emulate_ctxt *ctxt);
int em_vmovhlps(struct x86_emulate_ctxt *ctxt);
int em_vmovl(struct x86_emulate_ctxt *ctxt);
int em_vzeroall(struct x86_emulate_ctxt *ctxt);
int em_vzeroupper(struct x86_emulate_ctxt *ctxt);

/* bits.c */
int em_adcx(struct x86_emulate_ctxt *ctxt);
int em_adox(struct x86_emulate_ctxt *ctxt);
int em_crc32(struct x86_emulate_ctxt *ctxt);
int em_lzcnt(struct x86_emulate_ctxt *ctxt);
int em_popcnt(struct x86_emulate_ctxt *ctxt);
int em_rdrand(struct x86_emulate_ctxt *ctxt);
int em_rdseed(struct x86_emulate_ctxt *ctxt);
int em_tzcnt(struct x86_emulate_ctxt *ctxt);
int em_xbegin(struct x86_emulate_ctxt *ctxt);
int em_xend(struct x86_emulate_ctxt *ctxt);
int em_xtest(struct x86_emulate_ctxt *ctxt);

/* avx512.c */
int em_vcompress(struct x86_emulate_ctxt *ctxt);
int em_vexpand(struct x86_emulate_ctxt *ctxt);
int em_vpbroadcastm(struct x86_emulate_ctxt *ctxt);
int em_vpmov(struct x86_emulate_ctxt *ctxt);
int em_vpmovm2(struct x86_emulate_ctxt *ctxt);
int em_vpmov2m(struct x86_emulate_ctxt *ctxt);
int em_vpmovs(struct x86_emulate_ctxt *ctxt);
int em_vpmovus(struct x86_emulate_ctxt *ctxt);

/* bmi.c */
int em_andn(struct x86_emulate_ctxt *ctxt);
int em_bextr(struct x86_emulate_ctxt *ctxt);
int em_blsi(struct x86_emulate_ctxt *ctxt);
int em_blsmsk(struct x86_emulate_ctxt *ctxt);
int em_blsr(struct x86_emulate_ctxt *ctxt);
int em_bzhi(struct x86_emulate_ctxt *ctxt);
int em_mulx(struct x86_emulate_ctxt *ctxt);
int em_pdep(struct x86_emulate_ctxt *ctxt);
int em_pext(struct x86_emulate_ctxt *ctxt);
int em_rorx(struct x86_emulate_ctxt *ctxt);
int em_sarx(struct x86_emulate_ctxt *ctxt);
int em_shlx(struct x86_emulate_ctxt *ctxt);
int em_shrx(struct x86_emulate_ctxt *ctxt);

/* branch.c */
int em_bound(struct x86_emulate_ctxt *ctxt);
int em_call(struct x86_emulate_ctxt *ctxt);
int em_jcc(struct x86_emulate_ctxt *ctxt);
int em_jcxz(struct x86_emulate_ctxt *ctxt);
int em_jmp(struct x86_emulate_ctxt *ctxt);
int em_loop(struct x86_emulate_ctxt *ctxt);
int em_loope(struct x86_emulate_ctxt *ctxt);
int em_loopne(struct x86_emulate_ctxt *ctxt);
int em_ret(struct x86_emulate_ctxt *ctxt);
int em_ret_imm(struct x86_emulate_ctxt *ctxt);

/* cache.c */
int check_monitor(struct x86_emulate_ctxt *ctxt);
int em_clflush(struct x86_emulate_ctxt *ctxt);
int em_clzero(struct x86_emulate_ctxt *ctxt);
int em_invlpg(struct x86_emulate_ctxt *ctxt);
int em_invpcid(struct x86_emulate_ctxt *ctxt);
int em_monitor(struct x86_emulate_ctxt *ctxt);
int em_movdir64b(struct x86_emulate_ctxt *ctxt);
int em_mwait(struct x86_emulate_ctxt *ctxt);
int em_mwaitx(struct x86_emulate_ctxt *ctxt);
int em_wbinvd(struct x86_emulate_ctxt *ctxt);

/* descriptor.c */
int em_lar(struct x86_emulate_ctxt *ctxt);
int em_lldt(struct x86_emulate_ctxt *ctxt);
int em_lsl(struct x86_emulate_ctxt *ctxt);
int em_ltr(struct x86_emulate_ctxt *ctxt);
int em_sldt(struct x86_emulate_ctxt *ctxt);
int em_str(struct x86_emulate_ctxt *ctxt);
int em_verr(struct x86_emulate_ctxt *ctxt);
int em_verw(struct x86_emulate_ctxt *ctxt);

/* far.c */
int em_call_far(struct x86_emulate_ctxt *ctxt);
int em_iret(struct x86_emulate_ctxt *ctxt);
int em_jmp_far(struct x86_emulate_ctxt *ctxt);
int em_ret_far(struct x86_emulate_ctxt *ctxt);

/* interrupt.c */
int em_int(struct x86_emulate_ctxt *ctxt);
int em_int1(struct x86_emulate_ctxt *ctxt);
int em_int3(struct x86_emulate_ctxt *ctxt);
int em_into(struct x86_emulate_ctxt *ctxt);

/* io.c */
int em_in(struct x86_emulate_ctxt *ctxt);
int em_out(struct x86_emulate_ctxt *ctxt);

/* move.c */
int em_cmov(struct x86_emulate_ctxt *ctxt);
int em_lea(struct x86_emulate_ctxt *ctxt);
int em_mov(struct x86_emulate_ctxt *ctxt);
int em_movbe(struct x86_emulate_ctxt *ctxt);
int em_movsx(struct x86_emulate_ctxt *ctxt);
int em_movsxd(struct x86_emulate_ctxt *ctxt);
int em_nop(struct x86_emulate_ctxt *ctxt);
int em_setcc(struct x86_emulate_ctxt *ctxt);
int em_xchg(struct x86_emulate_ctxt *ctxt);

/* opmask.c */
int em_kadd(struct x86_emulate_ctxt *ctxt);
int em_kand(struct x86_emulate_ctxt *ctxt);
int em_kandn(struct x86_emulate_ctxt *ctxt);
int em_knot(struct x86_emulate_ctxt *ctxt);
int em_kor(struct x86_emulate_ctxt *ctxt);
int em_kortest(struct x86_emulate_ctxt *ctxt);
int em_kshiftl(struct x86_emulate_ctxt *ctxt);
int em_kshiftr(struct x86_emulate_ctxt *ctxt);
int em_ktest(struct x86_emulate_ctxt *ctxt);
int em_kunpck(struct x86_emulate_ctxt *ctxt);
int em_kxnor(struct x86_emulate_ctxt *ctxt);
int em_kxor(struct x86_emulate_ctxt *ctxt);

/* segment.c */
int check_mov_sreg(struct x86_emulate_ctxt *ctxt);
int em_arpl(struct x86_emulate_ctxt *ctxt);
int em_lds(struct x86_emulate_ctxt *ctxt);
int em_les(struct x86_emulate_ctxt *ctxt);
int em_lfs(struct x86_emulate_ctxt *ctxt);
int em_lgs(struct x86_emulate_ctxt *ctxt);
int em_lss(struct x86_emulate_ctxt *ctxt);
int em_mov_sreg(struct x86_emulate_ctxt *ctxt);

/* simd_move.c; the rest of the vector instructions in simd_ops.h */
int em_movh_load(struct x86_emulate_ctxt *ctxt);
int em_movh_store(struct x86_emulate_ctxt *ctxt);
int em_movv(struct x86_emulate_ctxt *ctxt);

/* smm.c */
int check_rsm(struct x86_emulate_ctxt *ctxt);
int em_rsm(struct x86_emulate_ctxt *ctxt);

/* stack.c */
int em_enter(struct x86_emulate_ctxt *ctxt);
int em_leave(struct x86_emulate_ctxt *ctxt);
int em_pop(struct x86_emulate_ctxt *ctxt);
int em_pop_seg(struct x86_emulate_ctxt *ctxt);
int em_popa(struct x86_emulate_ctxt *ctxt);
int em_popf(struct x86_emulate_ctxt *ctxt);
int em_push(struct x86_emulate_ctxt *ctxt);
int em_push_seg(struct x86_emulate_ctxt *ctxt);
int em_pusha(struct x86_emulate_ctxt *ctxt);
int em_pushf(struct x86_emulate_ctxt *ctxt);

/* string.c */
int em_cmps(struct x86_emulate_ctxt *ctxt);
int em_ins(struct x86_emulate_ctxt *ctxt);
int em_lods(struct x86_emulate_ctxt *ctxt);
int em_movs(struct x86_emulate_ctxt *ctxt);
int em_outs(struct x86_emulate_ctxt *ctxt);
int em_scas(struct x86_emulate_ctxt *ctxt);
int em_stos(struct x86_emulate_ctxt *ctxt);

/* syscall.c */
int em_syscall(struct x86_emulate_ctxt *ctxt);
int em_sysenter(struct x86_emulate_ctxt *ctxt);
int em_sysexit(struct x86_emulate_ctxt *ctxt);
int em_sysret(struct x86_emulate_ctxt *ctxt);

/* system.c */
int check_ac(struct x86_emulate_ctxt *ctxt);
int check_dr(struct x86_emulate_ctxt *ctxt);
int check_fsgsbase(struct x86_emulate_ctxt *ctxt);
int check_pkru(struct x86_emulate_ctxt *ctxt);
int check_not_amd(struct x86_emulate_ctxt *ctxt);
int check_rdpmc(struct x86_emulate_ctxt *ctxt);
int check_rdpru(struct x86_emulate_ctxt *ctxt);
int check_rdtsc(struct x86_emulate_ctxt *ctxt);
int check_umip(struct x86_emulate_ctxt *ctxt);
int check_xgetbv(struct x86_emulate_ctxt *ctxt);
int check_xsetbv(struct x86_emulate_ctxt *ctxt);
int em_clac(struct x86_emulate_ctxt *ctxt);
int em_cli(struct x86_emulate_ctxt *ctxt);
int em_clts(struct x86_emulate_ctxt *ctxt);
int em_cpuid(struct x86_emulate_ctxt *ctxt);
int em_hlt(struct x86_emulate_ctxt *ctxt);
int em_hypercall(struct x86_emulate_ctxt *ctxt);
int em_lgdt(struct x86_emulate_ctxt *ctxt);
int em_lidt(struct x86_emulate_ctxt *ctxt);
int em_lmsw(struct x86_emulate_ctxt *ctxt);
int em_mov_from_cr(struct x86_emulate_ctxt *ctxt);
int em_mov_from_dr(struct x86_emulate_ctxt *ctxt);
int em_mov_to_cr(struct x86_emulate_ctxt *ctxt);
int em_mov_to_dr(struct x86_emulate_ctxt *ctxt);
int em_rdbase(struct x86_emulate_ctxt *ctxt);
int em_rdmsr(struct x86_emulate_ctxt *ctxt);
int em_rdpid(struct x86_emulate_ctxt *ctxt);
int em_rdpkru(struct x86_emulate_ctxt *ctxt);
int em_rdpmc(struct x86_emulate_ctxt *ctxt);
int em_rdpru(struct x86_emulate_ctxt *ctxt);
int em_rdtsc(struct x86_emulate_ctxt *ctxt);
int em_rdtscp(struct x86_emulate_ctxt *ctxt);
int em_sgdt(struct x86_emulate_ctxt *ctxt);
int em_sidt(struct x86_emulate_ctxt *ctxt);
int em_smsw(struct x86_emulate_ctxt *ctxt);
int em_stac(struct x86_emulate_ctxt *ctxt);
int em_sti(struct x86_emulate_ctxt *ctxt);
int em_swapgs(struct x86_emulate_ctxt *ctxt);
int em_wrbase(struct x86_emulate_ctxt *ctxt);
int em_wrmsr(struct x86_emulate_ctxt *ctxt);
int em_wrpkru(struct x86_emulate_ctxt *ctxt);
int em_xgetbv(struct x86_emulate_ctxt *ctxt);
int em_xsetbv(struct x86_emulate_ctxt *ctxt);

/* x87.c, x87_env.c */
int em_fldcw(struct x86_emulate_ctxt *ctxt);
int em_fldenv(struct x86_emulate_ctxt *ctxt);
int em_fnsave(struct x86_emulate_ctxt *ctxt);
int em_fnstcw(struct x86_emulate_ctxt *ctxt);
int em_fnstenv(struct x86_emulate_ctxt *ctxt);
int em_fnstsw(struct x86_emulate_ctxt *ctxt);
int em_frstor(struct x86_emulate_ctxt *ctxt);
int em_x87(struct x86_emulate_ctxt *ctxt);
int em_x87_control(struct x86_emulate_ctxt *ctxt);
int em_x87_load(struct x86_emulate_ctxt *ctxt);
int em_x87_store(struct x86_emulate_ctxt *ctxt);

/* xsave.c */
int em_fxrstor(struct x86_emulate_ctxt *ctxt);
int em_fxsave(struct x86_emulate_ctxt *ctxt);
int em_xrstor(struct x86_emulate_ctxt *ctxt);
int em_xrstors(struct x86_emulate_ctxt *ctxt);
int em_xsave(struct x86_emulate_ctxt *ctxt);
int em_xsavec(struct x86_emulate_ctxt *ctxt);
int em_xsaveopt(struct x86_emulate_ctxt *ctxt);
int em_xsaves(struct x86_emulate_ctxt *ctxt);

#include "emulate/simd_ops.h"

#endif
