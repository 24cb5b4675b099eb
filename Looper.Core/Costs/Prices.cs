using System.Collections.Immutable;
using System.Text.Json;

namespace Looper.Core.Costs;

/// <summary>What one of a goal is worth.</summary>
/// <param name="Goal">An outcome's name; for a weighted sum of several the key of its decision point, before a colon and <c>goal</c>: <c>feed:goal</c>.</param>
/// <param name="Each">Of one of it, in its unit.</param>
/// <param name="UnitOfMeasure">That of the outcome; null for one without. Two outcomes of one name in different units are worth different things.</param>
public sealed record Worth(string Goal, double Each, string? UnitOfMeasure = null);

/// <summary>What things cost and are worth to the installation. What has no price is left out of costs, and said to be.</summary>
/// <param name="Currency">How amounts are written; what features cost is in it too.</param>
public sealed record Prices(string Currency)
{
    public const int MostCurrency = 8, MostWorths = 500, MostGoal = 200;
    public const double MostPrice = 1e9;

    public static Prices None { get; } = new("EUR");

    /// <summary>Of an hour of one processor core.</summary>
    public double? ProcessorHour { get; init; }

    /// <summary>Of a gigabyte (10⁹ bytes) that is kept for a month.</summary>
    public double? GigabyteMonth { get; init; }

    public ImmutableArray<Worth> Worths { get; init; } = [];

    /// <summary>What one of it is worth; null where nobody has said so. What is counted in the currency itself is worth itself.</summary>
    /// <param name="goal">As in <see cref="Worth"/>.</param>
    public double? WorthOf(string goal, string? unitOfMeasure) =>
        Worths.FirstOrDefault(w => w.Goal == goal && w.UnitOfMeasure == unitOfMeasure)?.Each ?? (string.Equals(unitOfMeasure, Currency, StringComparison.OrdinalIgnoreCase) ? 1 : null);

    internal Refusal? Check()
    {
        if (string.IsNullOrWhiteSpace(Currency) || Currency.Length > MostCurrency || Currency.Any(char.IsControl))
            return Invalid("currency", $"Currency: give one to {MostCurrency} characters, for example EUR.");
        if (Unusable(ProcessorHour)) return Invalid("processorHour", Amount("Processor hour"));
        if (Unusable(GigabyteMonth)) return Invalid("gigabyteMonth", Amount("Gigabyte and month"));
        if (Worths.Length > MostWorths) return Invalid("worths", $"Worths: there are {Worths.Length}. Give {MostWorths} or fewer.");
        var seen = new HashSet<(string, string?)>();
        for (var i = 0; i < Worths.Length; i++)
        {
            if (Worths[i] is not { } worth) return Invalid($"worths[{i}]", "Worths: this is empty. Give a goal and what one of it is worth.");
            var (goal, each, unit) = worth;
            if (unit?.Length > MostGoal) return Invalid($"worths[{i}].unitOfMeasure", $"Unit of measure: it has {unit.Length} characters. Give that of the outcome.");
            if (string.IsNullOrWhiteSpace(goal) || goal.Length > MostGoal) return Invalid($"worths[{i}].goal", $"Goal: give the name of an outcome, of {MostGoal} characters or fewer.");
            if (!seen.Add((goal, unit))) return Invalid($"worths[{i}].goal", $"Goal: '{goal}' has a worth already. Give it once.");
            if (Unusable(each)) return Invalid($"worths[{i}].each", Amount($"Worth of '{goal}'"));
        }
        return null;
    }

    internal string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    internal static Prices Read(string json) => JsonSerializer.Deserialize<Prices>(json, JsonSerializerOptions.Web) ?? None;

    private static bool Unusable(double? price) => price is not null && !(price >= 0 && price <= MostPrice);

    private static string Amount(string of) => $"{of}: give an amount from 0 to {MostPrice:N0}, or none.";

    private static Refusal Invalid(string field, string reason) => new("prices.invalid", reason, field);
}
