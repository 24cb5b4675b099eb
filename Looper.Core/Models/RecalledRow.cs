using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Serving;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Models;

/// <summary>A decision's features with the histories of its unit that it was not served with, because its version did not ask for them yet or because it was
/// imported: what was known then, from the journal: the same bytes that would have been served. What was served stays as it was served.</summary>
internal sealed class RecalledRow(HistoryReplay replay, VersionTable versions)
{
    private readonly Dictionary<string, TimeSpan> _delays = versions.Delays;
    private byte[] _bytes = new byte[4_096];

    /// <summary>The longest window of each outcome that a version's features look back on.</summary>
    public static Dictionary<string, TimeSpan> Windows(BlueprintContent content) =>
        content.Features.Select(f => f.Derived).OfType<HistoryDerivation>().GroupBy(h => h.Of).ToDictionary(g => g.Key, g => g.Max(h => h.Window));

    /// <summary>Something of it is to be filled in.</summary>
    public static bool IsFor(DecisionRecord decision, VersionTable versions) =>
        versions.Find(decision.BlueprintVersion) is not null && (decision.Marks.HasFlag(RecordMarks.Imported) || !versions.Recalled(decision.BlueprintVersion).IsEmpty);

    public DecisionRecord Complete(DecisionRecord decision)
    {
        if (!IsFor(decision, versions)) return decision;
        var (then, added) = (versions.Find(decision.BlueprintVersion)!, versions.Recalled(decision.BlueprintVersion));
        var served = decision.Served.Span;
        var isImported = decision.Marks.HasFlag(RecordMarks.Imported);
        var known = replay.At(decision.Unit, decision.Time);
        var room = served.Length + ServedRow.MaxNumberBytes * then.Features.Length;
        if (_bytes.Length < room) _bytes = new byte[room * 2];
        var reader = new ServedRowReader(served);
        var (length, i) = (0, 0);
        for (var own = then.Features.Length - added.Length; i < own && reader.Read(); i++)
        {
            if (isImported && then.Features[i].Derived is HistoryDerivation history) length += Write(history);
            else length += ServedRow.Copy(reader, _bytes.AsSpan(length));
        }
        if (i < then.Features.Length - added.Length) return decision; // a fault served nothing
        foreach (var history in added) length += Write(history);
        return decision with { Served = _bytes.AsSpan(0, length).ToArray() };

        // Of a file nobody knows when an outcome came: where it may take longer than is looked back on, what was known is unknown, which is not nothing.
        int Write(HistoryDerivation history) => isImported && _delays.GetValueOrDefault(history.Of) >= history.Window
            ? ServedRow.WriteMissing(_bytes.AsSpan(length)) : RecalledRow.Write(known, history, _bytes.AsSpan(length));
    }

    private static int Write(KnownHistory known, HistoryDerivation history, Span<byte> to) =>
        known.Value(history.Aggregate, HistoryEvent.OutcomeOf(history.Of), history.Window.Ticks) is var value && double.IsFinite(value)
            ? ServedRow.WriteNumber(to, value + 0.0) : ServedRow.WriteMissing(to);
}
