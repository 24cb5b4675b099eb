using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Compares two contents field by field, in the order of the wizard's steps, and says what follows from each difference.</summary>
internal static class BlueprintChanges
{
    public const string Decides = "What decision";
    public const string Sends = "What you send";
    public const string Measures = "What you measure";
    public const string Starts = "How to start";

    private const string Anew = "Training starts anew: earlier decisions answered another question.";

    public static ImmutableArray<BlueprintChange> Between(BlueprintContent a, BlueprintContent b)
    {
        var changes = ImmutableArray.CreateBuilder<BlueprintChange>();
        void Field(string section, string field, string? old, string? @new, string consequence)
        {
            if (old != @new) changes.Add(new(section, field, old, @new, consequence));
        }

        Field(Decides, "shape", Words.Of(a.Shape), Words.Of(b.Shape), Anew);
        Field(Decides, "decided for", a.UnitName, b.UnitName, "Training starts anew, and units are assigned afresh if your app sends other ids.");
        Options(a, b, changes);
        Field(Decides, "default", Configuration.InWords(a.Default), Configuration.InWords(b.Default), "Your app gets the new one at once wherever there is no model, on any fault and while paused.");
        Field(Decides, "places shown", a.Positions?.ToString(CultureInfo.InvariantCulture) ?? "none", b.Positions?.ToString(CultureInfo.InvariantCulture) ?? "none", "So many places are drawn and learned from, from the next decision on; earlier decisions keep theirs.");
        Field(Decides, "range", Range(a.Range), Range(b.Range), "Answers are kept inside the new limits from the next decision on.");
        Parameters(a, b, changes);
        Field(Decides, "durable writing", YesNo(a.Durable), YesNo(b.Durable), b.Durable ? "Each decision is flushed before it is answered: a little slower, safe against power loss." : "The last second of decisions may be lost with the power; answers are faster.");
        Features("feature", a.Features, b.Features, changes);
        Features("candidate feature", a.CandidateFeatures, b.CandidateFeatures, changes);
        Outcomes(a, b, changes);
        Field(Measures, "goal", Words.Of(a.Goal, a.Outcomes), Words.Of(b.Goal, b.Outcomes), "Decisions weigh the predictions anew at once; outcomes keep joining and models of unchanged outcomes can be reused.");
        Guardrails(a, b, changes);
        Field(Starts, "policy", Words.Of(a.Policy), Words.Of(b.Policy), "The next decision is made by the new policy; its exact propensity is logged.");
        Field(Starts, "decide for", Words.Percent(a.Rollout.Share), Words.Percent(b.Rollout.Share), b.Rollout.Share > a.Rollout.Share ? "More units are decided for; those already in stay in." : "Some units return to the baseline; the others stay in.");
        Field(Starts, "holdout", Words.Percent(a.Rollout.Holdout), Words.Percent(b.Rollout.Holdout), "Units at the edge change sides, so compare against the holdout only from this version on.");
        Field(Starts, "baseline", Configuration.InWords(a.Rollout.Baseline ?? a.Default), Configuration.InWords(b.Rollout.Baseline ?? b.Default), "Holdout and units outside the rollout get the new baseline at once.");
        changes.AddRange(TrainingChanges.Between(a.Training, b.Training));
        return changes.ToImmutable();
    }

    private static void Options(BlueprintContent a, BlueprintContent b, ImmutableArray<BlueprintChange>.Builder changes)
    {
        if (a.Shape != b.Shape) return;
        var (old, now) = (a.Options.ToDictionary(o => o.Key), b.Options.ToDictionary(o => o.Key));
        var (isAnew, isUsed) = (!old.Keys.Any(now.ContainsKey), Compatibility.Of(a, b).Usable);
        var added = isAnew ? Anew : isUsed ? "Earlier decisions go on being learned from; the new option is learned as it is tried." : "The new option is learned as it is tried.";
        foreach (var option in b.Options.Where(o => !old.ContainsKey(o.Key))) changes.Add(new(Decides, $"option {option.Key}", null, option.Name ?? option.Key, added));
        foreach (var option in a.Options.Where(o => !now.ContainsKey(o.Key)))
            changes.Add(new(Decides, $"option {option.Key}", option.Name ?? option.Key, null, isAnew ? Anew : "Its decisions are left out of training."));
        foreach (var option in b.Options.Where(o => old.TryGetValue(o.Key, out var before) && before.Name != o.Name))
            changes.Add(new(Decides, $"name of option {option.Key}", old[option.Key].Name ?? "none", option.Name ?? "none", "Only what people read changes."));
        if (old.Keys.Order().SequenceEqual(now.Keys.Order()) && !a.Options.Select(o => o.Key).SequenceEqual(b.Options.Select(o => o.Key)))
            changes.Add(new(Decides, "order of options", string.Join(", ", a.Options.Select(o => o.Key)), string.Join(", ", b.Options.Select(o => o.Key)),
                isUsed ? "Earlier decisions go on being learned from: an option is known by its key." : "An option is known by its key, whatever the order."));
    }

    private static void Parameters(BlueprintContent a, BlueprintContent b, ImmutableArray<BlueprintChange>.Builder changes)
    {
        var (old, now) = (a.Parameters.ToDictionary(p => p.Name, Words.Of), b.Parameters.ToDictionary(p => p.Name, Words.Of));
        foreach (var name in old.Keys.Union(now.Keys))
        {
            var (before, after) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (before != after) changes.Add(new(Decides, $"parameter {name}", before, after, "Your app gets values inside the new limits from the next decision on; a study of the old ones can no longer draft its trials."));
        }
    }

    private static void Features(string noun, ImmutableArray<Feature> a, ImmutableArray<Feature> b, ImmutableArray<BlueprintChange>.Builder changes)
    {
        var (old, now) = (a.ToDictionary(f => f.Name), b.ToDictionary(f => f.Name));
        foreach (var feature in b.Where(f => !old.ContainsKey(f.Name)))
            changes.Add(new(Sends, $"{noun} {feature.Name}", null, Words.Of(feature), feature.Derived is HistoryDerivation
                ? "Logged from now on; for earlier decisions the training works out what was known then."
                : "Logged from now on; in earlier decisions it counts as missing."));
        foreach (var feature in a.Where(f => !now.ContainsKey(f.Name)))
            changes.Add(new(Sends, $"{noun} {feature.Name}", Words.Of(feature), null, "No longer logged; a model that uses it sees it as missing until the next training."));
        foreach (var feature in b)
        {
            if (!old.TryGetValue(feature.Name, out var before)) continue;
            if (before.Kind != feature.Kind) changes.Add(new(Sends, $"type of {feature.Name}", Words.Of(before.Kind), Words.Of(feature.Kind),
                "Values of the other type count as missing from now on. Earlier decisions cannot be used; training starts anew."));
            if (before.Kind == feature.Kind && before.Dimension != feature.Dimension)
                changes.Add(new(Sends, $"length of {feature.Name}", Dimension(before), Dimension(feature), "Vectors of the other length count as missing from now on; train again soon."));
            if (before.Derived?.InWords != feature.Derived?.InWords)
                changes.Add(new(Sends, $"where {feature.Name} comes from", before.Derived?.InWords ?? "your app", feature.Derived?.InWords ?? "your app", "Its values mean something else: earlier ones count as missing in training, and a model that knows the old ones misjudges until the next training. Train again soon."));
            if (before.IsPersonal != feature.IsPersonal) changes.Add(new(Sends, $"{feature.Name} is personal", YesNo(before.IsPersonal), YesNo(feature.IsPersonal), "Changes what pages mask; decisions stay the same."));
            if (before.CostPerThousand != feature.CostPerThousand) changes.Add(new(Sends, $"cost of {feature.Name}", Cost(before), Cost(feature), "Counts in the next selection of features."));
            if (before.Description != feature.Description) changes.Add(new(Sends, $"description of {feature.Name}", before.Description ?? "none", feature.Description ?? "none", "Only what people read changes."));
        }
    }

    private static void Outcomes(BlueprintContent a, BlueprintContent b, ImmutableArray<BlueprintChange>.Builder changes)
    {
        var (old, now) = (a.Outcomes.ToDictionary(o => o.Name), b.Outcomes.ToDictionary(o => o.Name));
        foreach (var outcome in b.Outcomes.Where(o => !old.ContainsKey(o.Name)))
            changes.Add(new(Measures, $"outcome {outcome.Name}", null, Words.Of(outcome.Kind), "Accepted from now on; models of it need new examples."));
        foreach (var outcome in a.Outcomes.Where(o => !now.ContainsKey(o.Name)))
            changes.Add(new(Measures, $"outcome {outcome.Name}", Words.Of(outcome.Kind), null, "Observations of it are refused from now on; what is stored stays."));
        foreach (var o in b.Outcomes)
        {
            if (!old.TryGetValue(o.Name, out var was)) continue;
            var anew = $"Training for {o.Name} starts anew: its values mean something else.";
            void Field(string what, string before, string after, string consequence)
            {
                if (before != after) changes.Add(new(Measures, $"{what} {o.Name}", before, after, consequence));
            }
            Field("kind of", Words.Of(was.Kind), Words.Of(o.Kind), anew);
            Field("window of", Words.Of(was.Window), Words.Of(o.Window), anew);
            Field("repeats of", Words.Of(was.Aggregation), Words.Of(o.Aggregation), anew);
            Field("if nothing comes for", Words.OfAbsent(was.Absent, was.Kind), Words.OfAbsent(o.Absent, o.Kind), anew);
            Field("better direction of", Words.Of(was.Better), Words.Of(o.Better), "Decisions and reports judge by the new direction at once; models can be reused.");
            Field("unit of", was.UnitOfMeasure ?? "none", o.UnitOfMeasure ?? "none", "Only what people read changes.");
            Field("description of", was.Description ?? "none", o.Description ?? "none", "Only what people read changes.");
        }
    }

    private static void Guardrails(BlueprintContent a, BlueprintContent b, ImmutableArray<BlueprintChange>.Builder changes)
    {
        var (old, now) = (a.Goal.Guardrails.ToDictionary(g => g.Outcome), b.Goal.Guardrails.ToDictionary(g => g.Outcome));
        foreach (var name in old.Keys.Union(now.Keys))
        {
            var (before, after) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (before != after) changes.Add(new(Measures, $"guardrail {name}", Margin(before), Margin(after), "Reports made from now on judge by it."));
        }
    }

    private static string? Margin(Guardrail? guardrail) => guardrail is null ? null : Words.Percent(guardrail.MarginRelative);
    private static string YesNo(bool value) => value ? "yes" : "no";
    private static string Dimension(Feature feature) => feature.Dimension is { } dimension ? Words.Number(dimension) : "none";
    private static string Cost(Feature feature) => feature.CostPerThousand is { } cost ? Words.Number(cost) : "none";
    private static string Range(ValueRange? range) => range is null ? "none" : $"{(range.Low is { } l ? Words.Number(l) : "open")} to {(range.High is { } h ? Words.Number(h) : "open")}";
}
