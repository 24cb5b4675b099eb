using System.Globalization;

namespace Looper.Benchmarks;

/// <summary>Ours against a named baseline in the same run: order A B B A, the median of the rounds' ratios with quartiles.
/// Absolute figures of a shared machine mean little; the ratio is the result.</summary>
internal sealed class Paired(string ours, string baseline)
{
    private readonly List<(double Ours, double Baseline)> _rounds = [];

    /// <summary>Runs both once for warmth, then the rounds.</summary>
    /// <param name="a">Ours; returns its figure, such as seconds or rows a second.</param>
    /// <param name="b">The baseline, in the same unit.</param>
    public static async Task<Paired> RunAsync(string ours, string baseline, int rounds, Func<Task<double>> a, Func<Task<double>> b)
    {
        var paired = new Paired(ours, baseline);
        await a();
        await b();
        for (var round = 0; round < rounds; round++)
        {
            var first = await a();
            var second = await b();
            var third = await b();
            paired._rounds.Add(((first + await a()) / 2, (second + third) / 2));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: {paired._rounds[^1].Ours:G4} against {paired._rounds[^1].Baseline:G4}"));
        }
        return paired;
    }

    public double Ours => Quantile(_rounds.Select(r => r.Ours), 0.5);

    public double Baseline => Quantile(_rounds.Select(r => r.Baseline), 0.5);

    public double Ratio => Quantile(Ratios, 0.5);

    private IEnumerable<double> Ratios => _rounds.Select(r => r.Ours / r.Baseline);

    /// <summary>One row of a table: ours, baseline, ratio with its quartiles.</summary>
    public string Row(string unit) => string.Create(CultureInfo.InvariantCulture,
        $"| {ours} | {Ours:G4} {unit} | {baseline} | {Baseline:G4} {unit} | **{Ratio:F2}** ({Quantile(Ratios, 0.25):F2}–{Quantile(Ratios, 0.75):F2}) |");

    public static string Head => "| Ours | | Baseline, same run | | Ours / baseline (quartiles) |\n|---|---|---|---|---|";

    private static double Quantile(IEnumerable<double> values, double at)
    {
        var sorted = values.Order().ToArray();
        var place = at * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
