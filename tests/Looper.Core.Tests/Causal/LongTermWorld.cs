using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

/// <summary>Units with two features, two early outcomes and a late one that follows from them. A treatment moves the early ones; the history has other units than the comparison.</summary>
/// <param name="Moves">What the treatment adds to the first early outcome, and to the log odds of the second.</param>
/// <param name="Bypasses">What it adds to the late outcome past both: 0 where the early ones carry all.</param>
/// <param name="Bends">The late outcome is the square of the first early one, which no line follows; the true effect is then the square of what the treatment adds.</param>
internal sealed record LongTermWorld(double Moves, double Bypasses = 0, bool Bends = false)
{
    private static readonly ImmutableArray<Column> s_columns = [.. new[] { "clicks", "came back", "visits", "age" }.Select(n => new Column(n, ColumnKind.Number, []))];

    /// <summary>Units of the history, untreated, their first feature shifted.</summary>
    public DataSet History(int units, int seed) => Draw(units, seed, 0.4, _ => false).Units;

    /// <summary>Units that a fair lot treated or not; the late outcome of those after the share given is not known yet.</summary>
    /// <param name="share">Chance of the treatment.</param>
    public (DataSet Units, bool[] Treated) Compared(int units, int seed, double known, double share = 0.5)
    {
        var (data, treated) = Draw(units, seed, 0, u => u < share);
        for (var i = (int)(known * units); i < units; i++) data.Labels[i] = double.NaN;
        return (data, treated);
    }

    /// <summary>The true effect, over a million units that get both.</summary>
    public double Truth()
    {
        if (Bends) return Moves * Moves;
        var (random, sum) = (new Philox(77, "truth"), 0.0);
        const int Units = 1_000_000;
        for (var i = 0; i < Units; i++)
        {
            var (x, z) = (random.Normal(), random.Normal());
            double Mean(double w) => Chance(z, w) is var p ? Late(x, First(x, w, 0), 0) + p * (Late(x, First(x, w, 0), 1) - Late(x, First(x, w, 0), 0)) : 0;
            sum += Mean(1) - Mean(0) + Bypasses;
        }
        return sum / Units;
    }

    private (DataSet Units, bool[] Treated) Draw(int units, int seed, double shift, Func<double, bool> treats)
    {
        var random = new Philox(seed, "long-term-world");
        var values = s_columns.Select(_ => new double[units]).ToArray();
        var (late, treated) = (new double[units], new bool[units]);
        for (var i = 0; i < units; i++)
        {
            var (x, z) = (random.Normal() + shift, random.Normal());
            treated[i] = treats(random.Uniform());
            var w = treated[i] ? 1.0 : 0;
            var first = First(x, w, random.Normal());
            var second = random.Uniform() < Chance(z, w) ? 1.0 : 0;
            (values[0][i], values[1][i], values[2][i], values[3][i]) = (first, second, x, z);
            late[i] = (Bends ? first * first : Late(x, first, second)) + w * Bypasses + random.Normal();
        }
        return (new(s_columns, values, late), treated);
    }

    private double First(double x, double w, double noise) => 0.5 * x + Moves * w + noise;

    private double Chance(double z, double w) => 1 / (1 + Math.Exp(-0.5 * z - Moves * w));

    private static double Late(double x, double first, double second) => first + 0.8 * second + 0.3 * first * second + 0.5 * x;
}
