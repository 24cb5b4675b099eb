using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;

namespace Looper.Core.Decisions;

/// <summary>What turns the numbers in stored events back into names: every version of a decision point that can be read, and its experiments.</summary>
/// <param name="versions">The current one is among them.</param>
internal sealed class PointVocabulary(DecisionPoint point, ImmutableDictionary<int, BlueprintContent> versions, ImmutableArray<Experiment> experiments)
{
    private readonly Dictionary<Guid, (string Key, ImmutableArray<Arm> Arms)> _experiments = experiments.ToDictionary(
        e => e.Id, e => (e.Key, ExperimentJson.ReadPlan(e.Plan).Arms));

    public Guid Id => point.Id;
    public BlueprintContent Current => versions[point.CurrentVersion];

    public BlueprintContent Content(int version) => versions.GetValueOrDefault(version) ?? Current;

    /// <summary>Index of an option in each version that has it.</summary>
    public Dictionary<int, int> PlacesOf(string option) => versions
        .Select(v => (Version: v.Key, Place: AnswerRules.OptionKeys(v.Value).ToList().IndexOf(option))).Where(v => v.Place >= 0).ToDictionary(v => v.Version, v => v.Place);

    public DecisionRow Row(DecisionRecord record)
    {
        var experiment = record.ExperimentId is { } id && _experiments.TryGetValue(id, out var found) ? found : default;
        var arm = experiment.Key is not null && record.Arm >= 0 && record.Arm < experiment.Arms.Length ? experiment.Arms[record.Arm].Key : null;
        return new(record.Id, record.Time, ServedWords.Mask(record.Unit), ServedWords.Answer(record, Content(record.BlueprintVersion)),
            double.IsNaN(record.Propensity) ? null : record.Propensity, ServedWords.Of(record.Reason), experiment.Key, arm, record.BlueprintVersion,
            record.ModelNumber == 0 ? null : record.ModelNumber, record.Marks.HasFlag(RecordMarks.Imported), record.Marks.HasFlag(RecordMarks.Simulated));
    }
}
