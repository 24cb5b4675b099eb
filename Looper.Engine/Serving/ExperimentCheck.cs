using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>Whether an experiment can be served, asked before it starts and before a version is published under it: compiled as serving will compile it.</summary>
public static class ExperimentCheck
{
    /// <summary>Why it cannot, as the part of a sentence; null when it can. What models and bandits have learned plays no part.</summary>
    /// <param name="experiment">As it would run.</param>
    /// <param name="current">The version that would serve.</param>
    /// <param name="versions">Contents by number: the current one, and those that arms name as far as they can be read.</param>
    public static Refusal? Fault(ExperimentSource experiment, int current, IReadOnlyDictionary<int, BlueprintContent> versions)
    {
        var compiled = new Dictionary<int, BlueprintSnapshot>();
        foreach (var version in experiment.Arms.Select(a => a.BlueprintVersion).OfType<int>().Append(current).Distinct())
        {
            if (!versions.TryGetValue(version, out var content)) continue;
            var answered = DecisionPointSnapshot.Compile(new BlueprintSource(version, BlueprintJson.Write(content)), [], learned: null);
            if (version == current && (answered.Refusal ?? answered.Value!.Fault) is { } broken) return broken;
            if (answered.Value is { } snapshot) compiled[version] = snapshot;
        }
        return DecisionPointSnapshot.Compile(experiment, compiled[current], compiled).Refusal;
    }
}
