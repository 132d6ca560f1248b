//! Quality: yields, control charts, sampling.

/// Share of units without any defect after all steps.
///
/// prod (1 - p_i)     1 - p_i yield of step i
pub fn rolled_yield(yields: &[f64]) -> f64 {
    yields.iter().product()
}

/// Mean number of samples until a control chart signals.
///
/// ARL = 1 / (Q(L - d) + Q(L + d)),  Q(z) = erfc(z / sqrt 2) / 2     L limit and d shift, in standard deviations
/// Source: Shewhart 1931.
pub fn run_length(limit: f64, shift: f64) -> f64 {
    let beyond = |z: f64| libm::erfc(z / std::f64::consts::SQRT_2) / 2.0;
    1.0 / (beyond(limit - shift) + beyond(limit + shift))
}

/// Share inspected and share of defects that go out, by continuous sampling.
///
/// u = (1 - q^i)/(p q^i),  v = 1/(f p),  F = (u + f v)/(u + v) = f / (f + (1 - f) q^i),  AOQ = p (1 - F)
/// p share of defects, q = 1 - p · i units that must be found good one after the other before only a fraction f is
/// inspected
/// Source: Dodge 1943 (CSP-1); defects that are found are replaced.
pub fn continuous_sampling(defects: f64, clear_run: f64, fraction: f64) -> (f64, f64) {
    let clear = prodos_model::maths::pow(1.0 - defects, clear_run);
    let inspected = fraction / (fraction + (1.0 - fraction) * clear);
    (inspected, defects * (1.0 - inspected))
}
