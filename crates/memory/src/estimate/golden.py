"""Golden values for the estimator's tests, from SciPy and dense matrices.

    python -m venv venv && venv/bin/pip install scipy==1.17.1 && venv/bin/python golden.py

Independent of the Rust code: the covariance is written out and inverted, the
mixture's quantiles are found with brentq.
"""

import numpy as np
from scipy import linalg, optimize, stats

SHARES = [(0.02, 1), (0.06, 1), (0.15, 1), (0.3, 1), (0.5, 1), (0.75, 1), (1.0, 8)]

CURVES = {
    "level": (
        [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600],
        [1000, 17400, 31900, 51200, 63300, 81900, 95100, 113800, 128000, 146900, 160500],
    ),
    "walk": (
        [0, 50, 110, 160, 200, 260, 330, 400, 450],
        [0, 30100, 88000, 99500, 131000, 190500, 260000, 275500, 340000],
    ),
    "flat": ([0, 20, 40, 60, 80, 100], [5000.0, 5200.0, 4900.0, 5100.0, 5000.0, 5150.0]),
}


def fit(x, y):
    m, d = np.diff(np.array(x, float)), np.diff(np.array(y, float))
    k = len(m)
    fits = []
    for share, prior in SHARES:
        v = share * np.diag(m / m.mean())
        v += (1 - share) * (np.eye(k) - 0.5 * np.eye(k, k=1) - 0.5 * np.eye(k, k=-1))
        inverse = linalg.inv(v)
        mm, md, dd = m @ inverse @ m, m @ inverse @ d, d @ inverse @ d
        slope, rest = md / mm, dd - md * md / mm
        likelihood = np.log(prior) - 0.5 * (np.linalg.slogdet(v)[1] + np.log(mm) + (k - 1) * np.log(rest))
        fits.append((likelihood, slope, np.sqrt(rest / (k - 1) / mm)))
    weights = np.exp(np.array([f[0] for f in fits]) - max(f[0] for f in fits))
    weights /= weights.sum()
    value = sum(w * f[1] for w, f in zip(weights, fits))
    cdf = lambda s: sum(w * stats.t.cdf((s - f[1]) / f[2], k - 1) for w, f in zip(weights, fits))
    reach = 100 * max(f[2] for f in fits)
    low, high = (optimize.brentq(lambda s: cdf(s) - p, value - reach, value + reach, xtol=1e-12) for p in (0.025, 0.975))
    return value, low, high


if __name__ == "__main__":
    for t, df in [(0.5, 3), (-2.2, 7), (3.1, 12), (1.0, 1), (-0.1, 150)]:
        print(f"close(Student::new({float(df)!r}).cdf({t!r}), {stats.t.cdf(t, df)!r});")
    for p, df in [(0.975, 3), (0.975, 11), (0.005, 6), (0.995, 40), (0.6, 1)]:
        print(f"close(Student::new({float(df)!r}).quantile({p!r}), {stats.t.ppf(p, df)!r});")
    for name, (x, y) in CURVES.items():
        print(name, [float(v) for v in fit(x, y)])
