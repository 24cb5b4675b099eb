using Looper.Core.Decisions;
using Looper.Core.Policies;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Policies;

/// <summary>Values of policies as people read them.</summary>
internal static class ValueWords
{
    public static string Estimator(string name) => name switch
    {
        "ips" => "Inverse propensity (IPS)",
        "ips-clip" => "IPS, weights cut",
        "sg-ips" => "IPS, sub-Gaussian weights",
        "snips" => "Self-normalised IPS (SNIPS)",
        "dm" => "Reward model alone (DM)",
        "dr" => "Doubly robust (DR)",
        "sndr" => "Self-normalised DR",
        "switch-dr" => "Switch-DR",
        "dr-os" => "DR with shrinkage",
        "sg-dr" => "DR, sub-Gaussian weights",
        "mrdr" => "More robust DR (MRDR)",
        _ => name,
    };

    public static string Value(PolicyEvaluationResult of, double value) => of.IsRate ? Shown.Percent(value, 2) : Shown.Number(value);

    public static string Between(PolicyEvaluationResult of, double low, double high) =>
        double.IsNaN(low) || double.IsNaN(high) ? Shown.Nothing : $"{Alike(of, low, low, high)} to {Alike(of, high, low, high)}";

    /// <summary>With as many digits as its bounds have.</summary>
    public static string Value(PolicyEvaluationResult of, Estimated value) =>
        double.IsFinite(value.Value + value.Low + value.High) ? Alike(of, value.Value, value.Low, value.High) : Value(of, value.Value);

    private static string Alike(PolicyEvaluationResult of, double value, double low, double high)
    {
        var (scale, unit) = of.IsRate ? (100, "%") : (1, "");
        return Words.Number(scale * value, Words.Decimals(scale * low, scale * high)) + unit;
    }

    public static string Lift(Estimated relative) => Shown.Effect(relative.Value, relative.Low, relative.High);

    public static Tone ToneOf(Estimated change, bool lowerIsBetter) =>
        double.IsNaN(change.Low) || (change.Low <= 0 && change.High >= 0) ? Tone.Unsure : change.Low > 0 != lowerIsBetter ? Tone.Good : Tone.Bad;

    public static Tone ToneOf(string overlap) => overlap switch { "good" => Tone.Good, "thin" => Tone.Warn, _ => Tone.Unsure };

    /// <summary>Whether it helps, in words: for those who do not read intervals.</summary>
    /// <remarks>Against what it would replace where that can be told. A change as a fraction is undefined where what was served is near 0; the change itself then says it.</remarks>
    public static string Plainly(PolicyEvaluationResult of)
    {
        var (change, than) = of is { IsAgainstCurrent: true, FromCurrent: { } current } ? (current, $"version {of.Current}") : (double.IsNaN(of.Relative.Low) ? of.Change : of.Relative, "what was served");
        return ToneOf(change, of.LowerIsBetter) switch
        {
            Tone.Good when of.IsFlattered => $"It looks better than {than}, but its {of.Knower} knows some of these decisions already. Judge it on newer ones before believing it.",
            Tone.Good => $"Better than {than}, as far as these decisions can tell.",
            Tone.Bad => $"Worse than {than}.",
            _ => $"These decisions cannot tell whether it is better or worse than {than}.",
        };
    }
}
