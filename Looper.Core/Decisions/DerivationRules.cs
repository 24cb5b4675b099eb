using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about features that are derived from others.</summary>
internal static class DerivationRules
{
    private const int MaxZone = 64;

    /// <param name="i">Place of the derived feature in its list.</param>
    public static void Check(string list, ImmutableArray<Feature> features, int i, List<Refusal> faults)
    {
        if (features[i] is not { Derived: { } derivation } feature) return;
        void Fault(string field, string what) => faults.Add(RuleTexts.Derived($"{list}[{i}].derived.{field}", feature.Name, what));
        if (feature.Kind != derivation.Gives)
            faults.Add(RuleTexts.Derived($"{list}[{i}].kind", feature.Name, $"what is derived so is a {Words.Of(derivation.Gives)}. Set its type to `{derivation.Gives.ToString().ToLowerInvariant()}`."));

        Feature? Taken(string field, string? name)
        {
            var taken = features.Take(i).FirstOrDefault(f => f.Name == name);
            if (string.IsNullOrEmpty(name)) Fault(field, "it does not say from which feature. Name one that stands before it.");
            else if (taken is null) Fault(field, $"`{BlueprintRules.Shown(name)}` does not stand before it in the list. Name a feature that does, or move this one down.");
            return taken;
        }
        void Numeric(string field, string? name)
        {
            if (Taken(field, name) is { Kind: not (FeatureKind.Number or FeatureKind.Boolean) } taken) Fault(field, $"`{taken.Name}` is {Words.Being(taken.Kind)}, and this needs a number. Choose a number, or derive one first.");
        }

        void Single(string field, string? name)
        {
            if (Taken(field, name) is { Kind: FeatureKind.Tags or FeatureKind.Vector } taken) Fault(field, $"`{taken.Name}` is {Words.Being(taken.Kind)}, and this needs one value. Choose a category or a number.");
        }

        // A range or an hour no longer names anybody; a cross, a ratio and a logarithm give the value away.
        if (derivation is CrossDerivation or RatioDerivation or LogDerivation && !feature.IsPersonal && features.Take(i).FirstOrDefault(f => f.IsPersonal && derivation.Takes.Contains(f.Name)) is { } personal)
            Fault("of", $"`{personal.Name}` is personal, so this is too. Mark it as personal.");
        switch (derivation)
        {
            case BucketDerivation bucket:
                Numeric("of", bucket.Of);
                if (bucket.Edges.IsDefaultOrEmpty || bucket.Edges.Length > BucketDerivation.MostEdges) Fault("edges", $"give 1 to {BucketDerivation.MostEdges} edges of ranges, such as [10, 50].");
                else if (bucket.Edges.Any(e => !double.IsFinite(e)) || bucket.Edges.Zip(bucket.Edges.Skip(1)).Any(p => p.First >= p.Second)) Fault("edges", "they must be numbers, each above the one before.");
                break;
            case CrossDerivation cross:
                Single("of", cross.Of);
                Single("with", cross.With);
                if (cross.Of == cross.With) Fault("with", "crossed with itself it says nothing new. Name another feature.");
                break;
            case TimePartDerivation part:
                if (Taken("of", part.Of) is { Kind: not FeatureKind.Time } taken) Fault("of", $"`{taken.Name}` is {Words.Being(taken.Kind)}, and this needs a time. Send a time, and set its type to `time`.");
                if (!Enum.IsDefined(part.Part)) Fault("part", "it is not known. Use `hour`, `weekday`, `dayOfMonth` or `month`.");
                if (part.Zone is { } zone && (zone.Length is 0 or > MaxZone || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _)))
                    Fault("zone", $"`{BlueprintRules.Shown(zone)}` is no time zone known here. Write it like `Europe/Amsterdam`, or leave it out for UTC.");
                break;
            case RatioDerivation ratio:
                Numeric("of", ratio.Of);
                Numeric("over", ratio.Over);
                break;
            case LogDerivation log:
                Numeric("of", log.Of);
                break;
        }
    }
}
