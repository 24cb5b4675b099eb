using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

internal enum Surface
{
    Polynomial,
    Step,
    Exponential,
}

/// <summary>Responses drawn over given covariates as Dorie et al. 2019 (Statistical Science 34:43) and the description of their package aciccomp2016
/// say that the competition's were: about six terms of one column, bent or stepped at times, and products of two and three of them; the arms
/// interact with many of the terms; each arm's surface has a standard deviation near 5, the noise 1; some units are all but barred from
/// treatment. What is drawn is not the competition's: numbers are made normal by rank, and no seed is shared. Learners are chosen on these.</summary>
internal sealed class PublishedResponses
{
    private const double Bend = 8 * 1.275 / 2, Twist = 8 * 0.475 * 3.3 / 2, Step = 8 * 2.0 / 3 / 2.6, Hinge = 8 * 1.9 / 2.6, Scale = 2.6;
    private const int AssignmentTails = 5, ResponseTails = 3; // degrees of freedom of the coefficients
    private readonly DataSet _covariates;
    private readonly Philox _random;
    private readonly double[][] _columns;
    private readonly bool[] _continuous;
    private readonly double[] _chances;
    private readonly int _n;

    private PublishedResponses(DataSet covariates, Philox random)
    {
        (_covariates, _random, _n) = (covariates, random, covariates.Rows);
        (_columns, _continuous) = Transformed(covariates);
        _chances = [.. Enumerable.Range(0, _columns.Length).Select(j => _continuous[j] ? 6 : IsSparse(j) ? 1 : 1.5)];
    }

    private sealed record Term(int[] Columns, double[] Values);

    /// <param name="covariates">Any units.</param>
    /// <param name="surface">Of the response.</param>
    /// <param name="isHigh">High heterogeneity, effects with a standard deviation above 2; otherwise medium, above 1.</param>
    /// <param name="seed">Fixes everything.</param>
    public static (TwoArms Arms, double[] Effects, double Deviation) Make(DataSet covariates, Surface surface, bool isHigh, long seed)
    {
        for (var attempt = 0; ; attempt++)
        {
            var drawn = new PublishedResponses(covariates, new(seed, "published-responses", attempt)).Draw(surface, isHigh);
            if (HteData.Deviation(drawn.Effects) > (isHigh ? 2 : 1)) return (drawn.Arms, drawn.Effects, HteData.Deviation(drawn.Arms.Outcomes));
        }
    }

    private (TwoArms Arms, double[] Effects) Draw(Surface surface, bool isHigh)
    {
        var (treated, assigning) = Assignment();
        var alignment = _random.Below(3) switch { 0 => 0, 1 => 0.25, _ => 0.75 };
        int[] kept = [.. assigning.Where(t => t.Columns.Length == 1 && _random.Uniform() < alignment).Select(t => t.Columns[0])];
        var kind = surface == Surface.Exponential ? Surface.Polynomial : surface;
        var terms = Additive(kept, 6.5, ResponseTails, kind);
        var shared = Sum(terms.Select(t => t.Values));
        if (surface == Surface.Exponential)
        {
            var grown = Array.ConvertAll(Standardised(Sum(Additive([], 4, ResponseTails, kind).Take(4).Select(t => t.Values))), v => Math.Exp(v / 3));
            var by = HteData.Deviation(shared) / HteData.Deviation(grown) * Sign();
            for (var i = 0; i < _n; i++) shared[i] += by * grown[i];
        }
        double[][] own = [new double[_n], new double[_n]];
        void Interact(int[] columns)
        {
            var (by, product) = (2.3 * T(ResponseTails) / 3, Product(columns, ResponseTails, kind));
            var to = own[_random.Uniform() < 0.5 ? 0 : 1];
            for (var i = 0; i < _n; i++) to[i] += by * product[i];
        }
        var mains = terms.Where(t => t.Columns.Length == 1).Select(t => t.Columns[0]).ToArray();
        var count = Math.Min(mains.Length, Math.Max(1, _random.PoissonCount(isHigh ? 6 : 3)));
        var order = (int[])mains.Clone();
        _random.Shuffle<int>(order);
        int Main() => mains[_random.Below(mains.Length)];
        foreach (var j in order[..count]) Interact([j]);
        for (var k = 0; k < (isHigh ? 3 : _random.Uniform() < 0.5 ? 1 : 0); k++) Interact([Main(), Main()]);
        for (var k = 0; k < (isHigh ? 2 : 0); k++) Interact([Main(), Main(), Main()]);

        var scale = 5 + 0.4 * _random.Normal();
        double[] control = Standardised(Sum([shared, own[0]])), treatment = Standardised(Sum([shared, own[1]]));
        var average = scale * (0.75 + T(ResponseTails) / 6); // of the treated
        var now = Enumerable.Range(0, _n).Where(i => treated[i]).Average(i => scale * (treatment[i] - control[i]));
        double[] effects = [.. control.Select((m, i) => scale * (treatment[i] - m) + average - now)];
        double[] y = [.. control.Select((m, i) => scale * m + (treated[i] ? effects[i] : 0) + _random.Normal())];
        return (new(new DataSet(_covariates.Columns, _covariates.Values, y), treated, null, 1), effects);
    }

    private (bool[] Treated, List<Term> Terms) Assignment()
    {
        var terms = Additive([], 6.5, AssignmentTails, _random.Uniform() < 0.5 ? Surface.Polynomial : Surface.Step);
        var logit = Standardised(Sum(terms.Select(t => t.Values)));
        var (share, slope) = (_random.Uniform() < 0.7 ? 0.35 : 0.65, 0.4 + 0.6 * _random.Uniform());
        var barred = new bool[_n];
        if (_random.Uniform() < 0.6)
        {
            Array.Fill(barred, true);
            for (var left = 2 + _random.Below(2); left > 0; left--)
            {
                int j;
                do j = Pick();
                while (!_continuous[j]);
                var (part, isUpper) = (0.5 + 0.3 * _random.Uniform(), _random.Uniform() < 0.5);
                var cut = _columns[j].Order().ElementAt((int)(_n * (isUpper ? 1 - part : part)));
                for (var i = 0; i < _n; i++) barred[i] &= isUpper ? _columns[j][i] >= cut : _columns[j][i] <= cut;
            }
            if (barred.Count(b => b) > 0.4 * _n) Array.Fill(barred, false);
        }
        double E(int i) => 1 / (1 + Math.Exp(-(Math.Log(share / (1 - share)) + slope * logit[i]) + (barred[i] ? 5 : 0)));
        return ([.. Enumerable.Range(0, _n).Select(i => _random.Uniform() < E(i))], terms);
    }

    private List<Term> Additive(int[] kept, double count, int tails, Surface kind)
    {
        var (columns, most) = (kept.ToList(), Math.Max(2, _random.PoissonCount(count)));
        while (columns.Count < most) if (Pick() is var j && !columns.Contains(j)) columns.Add(j);
        var terms = columns.Select(j => new Term([j], OfOne(j, tails, kind, 1))).ToList();
        void Perhaps(double chance, int[] of)
        {
            if (_random.Uniform() < chance) terms.Add(new(of, Product(of, tails, kind)));
        }
        for (var a = 0; a < columns.Count; a++) for (var b = 0; b < a; b++) Perhaps(3 / 28.0, [columns[a], columns[b]]);
        for (var a = 0; a < columns.Count; a++)
            for (var b = 0; b < a; b++)
                for (var c = 0; c < b; c++) Perhaps(2 / 56.0, [columns[a], columns[b], columns[c]]);
        return terms;
    }

    private double[] Product(int[] columns, int tails, Surface kind)
    {
        var product = Enumerable.Repeat(1.0, _n).ToArray();
        foreach (var j in columns)
        {
            var factor = OfOne(j, tails, kind, columns.Length);
            for (var i = 0; i < _n; i++) product[i] *= factor[i];
        }
        return product;
    }

    // linear always, a bend or a step at times, a twist or a hinge more seldom; coefficients of products are the roots of their order
    private double[] OfOne(int j, int tails, Surface kind, int order)
    {
        var values = _columns[j];
        double Root(double v) => Math.Sign(v) * Math.Pow(Math.Abs(v), 1.0 / order);
        if (!_continuous[j])
        {
            var levels = (int)values.Max() + 1;
            double[] of = [.. Enumerable.Range(0, levels).Select(_ => 2.3 * T(tails) / (3 * Math.Sqrt(Math.Max(1, levels - 1))))];
            of[_random.Below(levels)] = 0;
            return Array.ConvertAll(values, v => of[(int)v]);
        }
        var slope = Root(T(tails) * 2 / 3);
        var sum = Array.ConvertAll(values, v => slope * v);
        void Add(Func<double, double> f)
        {
            for (var i = 0; i < _n; i++) sum[i] += f(values[i] / Scale);
        }
        double Within() => 2 * _random.Uniform() - 1;
        var isSecond = _random.Uniform() < 1 / 3.0;
        var isThird = _random.Uniform() < (isSecond ? 0.25 : 0.10);
        if (isSecond && _random.Uniform() < (order > 1 ? 0.75 : 1))
        {
            var (at, by) = (Within(), Root(kind == Surface.Step ? Step * T(tails) : Bend * Sign()));
            Add(kind == Surface.Step ? v => at < 0 == v < at ? by : 0 : v => by * v * (v - at));
        }
        if (isThird && _random.Uniform() < (order > 1 ? 0.525 : 1))
        {
            var (at, other, by) = (Within(), Within(), Root(kind == Surface.Step ? Hinge * T(tails) : Twist * Sign()));
            Add(kind == Surface.Step ? v => at < 0 == v < at ? (v - at) * by : 0 : v => by * v * (v - at) * (v - other));
        }
        return sum;
    }

    private int Pick()
    {
        var u = _random.Uniform() * _chances.Sum();
        for (var j = 0; j < _chances.Length; j++) if ((u -= _chances[j]) <= 0) return j;
        return _chances.Length - 1;
    }

    private double T(int freedom) => Math.Sqrt(Enumerable.Range(0, freedom).Sum(_ => Math.Pow(_random.Normal(), 2)) / freedom) is var d ? _random.Normal() / d : 0;

    private double Sign() => _random.Uniform() < 0.5 ? 1 : -1;

    private double[] Sum(IEnumerable<double[]> terms)
    {
        var sum = new double[_n];
        foreach (var term in terms) for (var i = 0; i < _n; i++) sum[i] += term[i];
        return sum;
    }

    private bool IsSparse(int j) => _covariates.Columns[j].Kind == ColumnKind.Number && Math.Abs(_columns[j].Average() - 0.5) > 0.45;

    // a number whose tenths at either end hold more than a third of the units is cut in two
    private static (double[][] Columns, bool[] Continuous) Transformed(DataSet covariates)
    {
        var n = covariates.Rows;
        var (columns, continuous) = ((double[][])covariates.Values.Clone(), new bool[covariates.Columns.Length]);
        for (var j = 0; j < columns.Length; j++)
        {
            var values = columns[j];
            if (covariates.Columns[j].Kind == ColumnKind.Category) continue;
            double[] sorted = [.. values.Order()];
            continuous[j] = values.Count(v => v <= sorted[n / 10] || v >= sorted[n * 9 / 10]) <= 0.35 * n;
            if (!continuous[j])
            {
                var cut = sorted[n / 2] - sorted[n / 4] <= sorted[3 * n / 4] - sorted[n / 2] ? sorted[n / 4] : sorted[3 * n / 4];
                columns[j] = Array.ConvertAll(values, v => v > (cut > 0 ? cut - 1 : cut) ? 1.0 : 0);
                continue;
            }
            var middle = sorted.Select((v, at) => (v, at)).GroupBy(p => p.v).ToDictionary(g => g.Key, g => g.Average(p => p.at) + 0.5);
            columns[j] = Standardised(Array.ConvertAll(values, v => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (middle[v] + 0.25) / (n + 0.5))));
        }
        return (columns, continuous);
    }

    private static double[] Standardised(double[] values)
    {
        var (mean, deviation) = (values.Average(), HteData.Deviation(values));
        return Array.ConvertAll(values, v => deviation > 0 ? (v - mean) / deviation : 0);
    }
}
