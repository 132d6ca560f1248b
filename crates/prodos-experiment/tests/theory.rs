mod common;
use common::{Replicate, Series, case, replicates, with};

#[test]
fn probe_v14() {
    for (tick, re) in [("1", 89.122693), ("0.25", 88.747693)] {
    let mut e = with(&case("v14"), "city.tick", tick);
    if tick != "1" {e = with(&e, "days", 3000);}
    let t = std::time::Instant::now();
    let s = replicates(&e, |mut r| {
            let [mut up, mut failures] = [0.0; 2];
            let dt = r.city.tick_length();
            r.watch_sector(|row| {
                up += (1.0 - row.machines_down) * 200.0 * dt;
                failures += row.breakdowns * dt;
            });
            [up / failures, failures]
    });
    eprintln!("{:?}", t.elapsed());
    s.agree(0, "MTTF", re, 0.89);
    s.agree(1, "fails", 20000.0, 200000.0);
    }
}
#[test]
fn probe_v19() {
    for (r, b, x) in [(1.0, 0.367879, 0.183940), (0.7, 1.0-0.497377, 0.251311)] {
    let e = with(&case("v19"), "maintenance.detection", r);
    let t = std::time::Instant::now();
    let s = replicates(&e, |mut r| {
            let [mut caught, mut failures] = [0.0; 2];
            r.watch_sector(|row| {
                caught += row.defects_caught;
                failures += row.breakdowns;
            });
            [failures / (failures + caught), failures / r.ticks() / 4.0]
    });
    eprintln!("{:?}", t.elapsed());
    s.agree(0, "b", b, 0.01*b);
    s.agree(1, "rate", x, 0.01*x);
    }
}
#[test]
fn probe_v31() {
    for d in ["rework", "scrap"] {
    let e = with(&case("v31"), "quality.disposal", d);
    let t = std::time::Instant::now();
    let s = replicates(&e, |mut r| {
            let [mut esc, mut rew, mut out, mut def] = [0.0; 4];
            let n = r.ticks();
            r.watch_sector(|row| {
                esc += row.escapes;
                def += row.defects;
                rew += row.hours_rework;
                out += row.hours_output;
            });
            [esc/n, rew / out, esc / n / (1.0 - (def - esc) / n), def/n, out/n/40.0]
    });
    eprintln!("{:?}", t.elapsed());
    s.agree(0, "esc", 0.00549451, 0.05*0.005);
    s.agree(1, "rew", 0.0494505, 1.0);
    s.agree(2, "out", 0.00523, 1.0);
    s.agree(3, "def", 0.05, 1.0);
    s.agree(4, "h", 0.05, 10.0);
    }
}
#[test]
fn probe_v37() {
    for (nb, phi) in [("von_neumann", 0.24),("von_neumann", 0.26),("moore", 0.37),("moore", 0.38)] {
        let e = with(&with(&case("v37"), "city.lattice.neighbourhood", nb), "shortcuts.inclination", -10000.0*phi);
        let mut r = Replicate::new(&e, 0);
        let mut v = vec![];
        r.watch_sector(|row| v.push(row.shortcuts * 961.0));
        eprintln!("{nb} {phi} {:?} {:?}", &v[..8], v.last());
    }
}
#[test]
fn probe_v41() {
    let mut r = Replicate::new(&case("v41"), 0);
    let x = [71.32108486439195, 57.25284339457568, 54.76815398075241];
    let mut worst = 0.0f64;
    r.watch(|city| for (row, x) in city.sector_rows().iter().zip(x) { worst = worst.max((row.output / x - 1.0).abs()) });
    eprintln!("{worst:e}");
}
#[test]
fn probe_v43() {
    for days in [8, 4] {
    let e = with(&case("v43"), "scenario.shocks.0.days", days);
    let mut r = Replicate::new(&e, 0);
    let (mut x, mut s, mut unmet) = (vec![], vec![], 0.0);
    r.watch(|city| {
        let rows = city.sector_rows();
        x.push(rows[1].output);
        unmet += rows[0].orders_lost;
        s.push(city.stock(1, 0));
    });
    eprintln!("{:?} {:.12} lost2 {:.12} S30 {:.12} Send {:.12} {:?}", &x[..12], unmet, x.iter().map(|x| 60.0 - x).sum::<f64>(), s[30], s[399], &s[..12]);
    }
}
#[test]
fn probe_v46() {
    for (p, m, sd) in [(0.05, 0.655172, 0.127466), (0.1, 0.473684, 0.117983)] {
    let e = with(&case("v46"), "error.base", p);
    let t = std::time::Instant::now();
    let s = replicates(&e, |mut r| {
            let mut series = Series::default();
            let mut esc = 0.0;
            let n = r.ticks();
            r.watch_sector(|row| {series.add(row.customer_trust); esc += row.escapes;});
            [series.mean(), series.deviation(), series.memory(), esc/n]
    });
    eprintln!("{:?}", t.elapsed());
    s.agree(0, "m", m, 0.01*m);
    s.agree(1, "sd", sd, 0.03*sd);
    s.agree(2, "ac", 1.0 - 0.02*(1.0-p) - 0.2 * p, 0.01);
    s.agree(3, "p", p, 0.01);
    }
}
#[test]
fn probe_v53() {
    let mut r = Replicate::new(&case("v53"), 0);
    let (mut g, mut ph) = (vec![], vec![]);
    r.watch(|city| {
        let row = &city.sector_rows()[0];
        let c = city.city_row().phase;
        g.push(1.0 - row.offered_load);
        ph.push((city.team_rows()[0].1.phase, row.phase, c, row.backlog_age));
    });
    for t in 0..260 { if t == 0 || (g[t]-g[t-1]).abs() > 1e-9 || ph[t].0 != ph[t-1].0 || ph[t].1 != ph[t-1].1 || ph[t].2 != ph[t-1].2 { eprintln!("{t} {:.6} {:?}", g[t], ph[t]); } }
}
