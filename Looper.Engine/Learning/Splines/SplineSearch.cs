using Looper.Core.Numerics;

namespace Looper.Core.Learning.Splines;

/// <summary>Terms chosen one by one, each the one that takes most from what the others leave.</summary>
/// <remarks>Of every parent and column the best product is found roughly, by sums over bins; the best of these are made independent of all terms, and
/// the one that then takes most is taken. Parents that had little to offer are asked every fifth step (Friedman 1993, "Fast MARS").</remarks>
internal sealed class SplineSearch
{
    private const int MostFactors = 3, Candidates = 16, MostParents = 20, Aged = 5;
    private const double Independent = 1e-6;
    private readonly SplineRows _data;
    private readonly int _learn;
    private readonly double[] _residuals;
    private readonly List<Taken> _terms = [];
    private readonly List<(double Gain, SplineTerm Term)> _proposed = [];

    /// <param name="data">All rows.</param>
    /// <param name="learn">How many of them are learned from: the first. The others judge.</param>
    public SplineSearch(SplineRows data, int learn)
    {
        (_data, _learn) = (data, learn);
        _residuals = [.. data.Labels.Select((y, i) => y * data.Roots[i])];
        Take(default, data.Roots, []);
    }

    // Basis: the part that is independent of those before, of length 1 over the rows learned from; Along: what the term is of each of them, the last its own
    private sealed record Taken(SplineTerm Term, double[] Values, double[] Basis, double[] Along, double Product, int[] Columns, SplineParent? Parent);

    public int Count => _terms.Count;

    /// <summary>Squares of what is left of the rows not learned from.</summary>
    public double Loss => Vectors.Dot(_residuals.AsSpan(_learn), _residuals.AsSpan(_learn));

    /// <summary>Adds a term; false where none is left that says anything.</summary>
    public bool Step()
    {
        _proposed.Clear();
        var parents = _terms.Where(t => t.Parent is not null).Select(t => t.Parent!).OrderByDescending(p => p.Gain).ToArray();
        for (var p = 0; p < parents.Length; p++)
            if (p < MostParents || Count - parents[p].Asked >= Aged) parents[p].Propose(_residuals, Count, _proposed);
        _proposed.Sort((a, b) => b.Gain.CompareTo(a.Gain));
        var (best, term, values) = (0.0, default(SplineTerm), default(double[]));
        foreach (var (_, candidate) in _proposed.Take(Candidates))
        {
            var of = ValuesOf(candidate);
            var free = (double[])of.Clone();
            MakeIndependent(free, new double[Count]);
            var (norm, product) = (Vectors.Dot(free.AsSpan(0, _learn), free), Vectors.Dot(free.AsSpan(0, _learn), _residuals));
            if (!(norm > Independent * Vectors.Dot(of.AsSpan(0, _learn), of)) || !(product * product / norm > best)) continue;
            (best, term, values) = (product * product / norm, candidate, of);
        }
        if (values is null) return false;
        var parent = _terms[term.Parent];
        if (term.Shape == SplineShape.Line) parent.Parent!.HasLine(term.Column);
        Take(term, values, [.. parent.Columns, term.Column]);
        return true;
    }

    /// <summary>The terms with their weights of least squares.</summary>
    public (SplineTerm Term, double Weight)[] Sum()
    {
        var weights = new double[Count];
        for (var k = Count - 1; k >= 0; k--)
        {
            var rest = _terms[k].Product;
            for (var later = k + 1; later < Count; later++) rest -= weights[later] * _terms[later].Along[k];
            weights[k] = rest / _terms[k].Along[k];
        }
        return [.. _terms.Select((t, k) => (t.Term, weights[k]))];
    }

    private double[] ValuesOf(SplineTerm term)
    {
        var (parent, x) = (_terms[term.Parent].Values, _data.Values[term.Column]);
        return [.. parent.Select((v, i) => v == 0 ? 0 : v * term.Of(x[i]))];
    }

    private void MakeIndependent(double[] free, double[] along)
    {
        for (var k = 0; k < Count; k++)
        {
            var product = Vectors.Dot(_terms[k].Basis.AsSpan(0, _learn), free);
            along[k] += product;
            Vectors.AddScaled(free, -product, _terms[k].Basis);
        }
    }

    private void Take(SplineTerm term, double[] values, int[] columns)
    {
        var (basis, along) = ((double[])values.Clone(), new double[Count + 1]);
        for (var pass = 0; pass < 2; pass++) MakeIndependent(basis, along); // twice, for what one pass leaves of nearly dependent ones
        var length = along[^1] = Math.Sqrt(Vectors.Dot(basis.AsSpan(0, _learn), basis));
        for (var i = 0; i < basis.Length; i++) basis[i] /= length;
        var product = Vectors.Dot(basis.AsSpan(0, _learn), _residuals);
        Vectors.AddScaled(_residuals, -product, basis);
        var parent = columns.Length < MostFactors ? new SplineParent(_data, Count, values, _learn, columns) : null;
        _terms.Add(new(term, values, basis, along, product, columns, parent));
    }
}
