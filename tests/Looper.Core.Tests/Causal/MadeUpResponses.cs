using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

/// <summary>Responses, assignments and effects made up over given covariates, in the spirit of Dorie et al. 2019 (Statistical Science 34:43): sums of
/// polynomial and step terms and their products, effects that share some of them, confounded assignment. Learners are chosen on these.</summary>
internal static class MadeUpResponses
{
    private const int MostFactors = 3;
    private const double MostDeviations = 3;

    /// <param name="covariates">Any units.</param>
    /// <param name="spread">Standard deviation of the effects over that of the response without them; 0 for none.</param>
    /// <param name="seed">Fixes everything.</param>
    public static (TwoArms Arms, double[] Effects, double Deviation) Make(DataSet covariates, double spread, long seed)
    {
        var random = new Philox(seed, "made-up-responses");
        var n = covariates.Rows;
        var terms = Enumerable.Range(0, 5 + random.Below(8)).Select(_ => Term(covariates, random)).ToArray();
        double[] Sum(int fresh, double shared)
        {
            var sum = new double[n];
            void Add(double[] term)
            {
                var by = random.Normal() * (random.Uniform() < 0.2 ? 2 : 1);
                for (var i = 0; i < n; i++) sum[i] += by * term[i];
            }
            foreach (var term in terms) if (random.Uniform() < shared) Add(term);
            for (var k = 0; k < fresh; k++) Add(Term(covariates, random));
            return Standardised(sum);
        }
        var (response, assignment, effect) = (Sum(0, 1), Sum(2 + random.Below(3), 0.5), Sum(2 + random.Below(3), 0.5));
        if (random.Uniform() < 1 / 3.0) response = Standardised(Array.ConvertAll(response, r => r + 0.5 * Math.Exp(Math.Clamp(r, -2, 2))));
        var (slope, middle) = (0.4 + 1.2 * random.Uniform(), random.Uniform() < 0.5 ? -0.7 : 0.4);
        var (average, noise) = (random.Normal() * 0.5, 0.2 + 0.6 * random.Uniform());
        var (treated, y, tau) = (new bool[n], new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            var e = 1 / (1 + Math.Exp(-Math.Clamp(middle + slope * assignment[i], -3.5, 3.5)));
            treated[i] = random.Uniform() < e;
            tau[i] = average + spread * effect[i];
            y[i] = response[i] + (treated[i] ? tau[i] : 0) + noise * random.Normal();
        }
        return (new(new DataSet(covariates.Columns, covariates.Values, y), treated, null, 1), tau, HteData.Deviation(y));
    }

    internal static double[] Term(DataSet covariates, Philox random)
    {
        var product = Enumerable.Repeat(1.0, covariates.Rows).ToArray();
        var u = random.Uniform();
        var factors = u < 0.55 ? 1 : u < 0.85 ? 2 : MostFactors;
        for (var f = 0; f < factors; f++)
        {
            var factor = Factor(covariates, random.Below(covariates.Columns.Length), random);
            for (var i = 0; i < product.Length; i++) product[i] *= factor[i];
        }
        return Standardised(Array.ConvertAll(Standardised(product), v => Math.Clamp(v, -MostDeviations, MostDeviations)));
    }

    private static double[] Factor(DataSet covariates, int column, Philox random)
    {
        var values = covariates.Values[column];
        if (covariates.Columns[column].Kind == ColumnKind.Category)
        {
            var chosen = Enumerable.Range(0, covariates.Columns[column].Categories.Length).Select(_ => random.Uniform() < 0.5 ? 1.0 : 0).ToArray();
            return Array.ConvertAll(values, v => chosen[(int)v]);
        }
        var u = random.Uniform();
        if (u < 0.4)
        {
            var cut = values[random.Below(values.Length)];
            return Array.ConvertAll(values, v => v > cut || v == cut && v > 0 ? 1.0 : 0);
        }
        var x = Array.ConvertAll(Standardised(values), v => Math.Clamp(v, -2.5, 2.5));
        if (u < 0.75) return x;
        var bend = random.Normal();
        return u < 0.9 ? Array.ConvertAll(x, v => v * v + bend * v) : Array.ConvertAll(x, v => v * v * v / 3 + bend * v);
    }

    internal static double[] Standardised(double[] values)
    {
        var (mean, deviation) = (values.Average(), HteData.Deviation(values));
        return Array.ConvertAll(values, v => deviation > 0 ? (v - mean) / deviation : 0);
    }
}
