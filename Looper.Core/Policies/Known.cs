using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>Which decisions a policy knows already, because its model learned from them or its rule was made from them.</summary>
/// <param name="Knower"><see cref="Model"/> or <see cref="Rule"/>.</param>
/// <param name="Name">The same in a sentence.</param>
internal sealed record Known(string Knower, string Name, DateTimeOffset From, DateTimeOffset Until)
{
    public const string Model = "model", Rule = "rule";

    /// <summary>So many later decisions are enough to leave the known ones out, where no period was asked for and these tried what the policy would do.</summary>
    public const int EnoughAfter = 1_000;

    public bool Has(DateTimeOffset time) => time >= From && time <= Until;

    /// <summary>Null where it knows none.</summary>
    /// <param name="model">Number of the model that it follows; 0 where it follows none.</param>
    public static Known? Of(PolicySpec policy, int model, PolicyValuation.LiveFacts live) => policy switch
    {
        TreePolicy { MadeFrom: { } span } => new(Rule, "Its rule was made", span.From, span.Until),
        _ when model > 0 && live is { From: { } from, Until: { } until } => new(Model, FormattableString.Invariant($"Model {model} learned"), from, until),
        _ => null,
    };
}
