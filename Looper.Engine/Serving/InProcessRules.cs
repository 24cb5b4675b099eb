using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>Which decision points an app may decide in its own process, and which versions it may have decided by.</summary>
public static class InProcessRules
{
    /// <summary>Of every refusal here.</summary>
    public const string Code = "snapshot.not-in-process";

    /// <summary>Why Looper has to be asked for each decision; null where it need not.</summary>
    public static Refusal? Fault(DecisionPointSnapshot point) => point.Current is null
        ? new(Code, $"'{point.Key}' holds no version that can be read, so that there is nothing to decide by. Publish a version.")
        : point.AllServing.Select(v => Fault(v.Version, v.Answers.Shape, v.Features, v.Durable)).FirstOrDefault(f => f is not null);

    /// <summary>The same of one version.</summary>
    public static Refusal? Fault(int version, DecisionShape shape, ImmutableArray<Feature> features, bool isDurable) =>
        shape.TakesCandidates() ? new(Code, $"Version {version} chooses among candidates that come with each call, which only Looper does. Ask Looper for each decision.")
        : features.FirstOrDefault(f => f.Derived is HistoryDerivation) is { } history
            ? new(Code, $"Feature '{history.Name}' of version {version} looks back on what was reported for the unit, which only Looper knows. Ask Looper for each decision, or publish a version without it.")
        : isDurable ? new(Code, $"Version {version} is durable: a decision has to be on Looper's disk before it is answered. Ask Looper for each decision, or publish a version that is not durable.")
        : null;
}
