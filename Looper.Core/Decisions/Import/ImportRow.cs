using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Decisions.Import;

/// <summary>One row of the file as records, or what is wrong with it. Pure: the same row gives the same ids, so importing twice changes nothing.</summary>
internal readonly record struct ImportRow(DecisionRecord? Decision, ObservationRecord[] Observations, ImportFault? Fault)
{
    internal const int MaxText = 1_024;

    /// <param name="index">Of the row in the file, from 0.</param>
    /// <param name="line">Of the row in the file, for people.</param>
    /// <param name="known">Id under which the row is there already; null takes that of its cells.</param>
    public static ImportRow Read(ImportPlan plan, string[] cells, long index, long line, Guid? experiment, DateTimeOffset now, string? known = null)
    {
        var content = plan.Content;
        ImportRow Fault(string field, string reason) => new(null, [], new(line, field, reason));

        var chosen = cells[plan.OptionColumn].Trim();
        if (chosen.Length == 0) return Fault("option", ImportTexts.NoOption());
        var (option, value) = (-1, double.NaN);
        if (content.Shape == DecisionShape.Value)
        {
            if (!IsNumber(chosen, out value)) return Fault("option", ImportTexts.NotANumber(chosen));
        }
        else if ((option = Option(plan, chosen)) < 0)
        {
            return Fault("option", ImportTexts.UnknownOption(chosen, MeasureRules.Meant(chosen, plan.OptionKeys)));
        }
        if (experiment is not null && plan.ArmOfOption[option] < 0) return Fault("option", ImportTexts.NoArm(plan.OptionKeys[option]));

        var id = known ?? Id(plan.Point.Id, index, cells);
        var unit = plan.UnitColumn is { } u ? cells[u].Trim() : id;
        if (unit.Length is 0 or > DecisionRecord.MostUnit) return Fault("unit", ImportTexts.NoUnit());
        var time = plan.FirstTime.AddMilliseconds(index);
        if (plan.TimeColumn is { } t && !IsTime(cells[t].Trim(), out time)) return Fault("time", ImportTexts.NotATime(cells[t]));
        if (time > now) return Fault("time", ImportTexts.Future());
        if (time < DateTimeOffset.UnixEpoch) return Fault("time", ImportTexts.LongAgo());
        var propensity = plan.IsUniform ? 1.0 / Math.Max(1, plan.OptionKeys.Count) : double.NaN;
        if (plan.PropensityColumn is { } p && cells[p].Trim() is { Length: > 0 } chance && !(IsNumber(chance, out propensity) && propensity is > 0 and <= 1))
            return Fault("propensity", ImportTexts.NotAPropensity(chance));

        var served = plan.Scratch;
        var length = 0;
        for (var i = 0; i < content.Features.Length; i++)
        {
            var cell = plan.FeatureColumns[i] < 0 || content.Features[i].Derived is not null ? "" : cells[plan.FeatureColumns[i]].Trim();
            if (!Serve(content.Features[i], cell, served.AsSpan(length), out var written, out var reason)) return Fault($"features.{content.Features[i].Name}", reason);
            length += written;
        }

        List<ObservationRecord> observations = [];
        for (var i = 0; i < content.Outcomes.Length; i++)
        {
            if (plan.OutcomeColumns[i] < 0 || cells[plan.OutcomeColumns[i]].Trim() is not { Length: > 0 } cell) continue;
            var outcome = content.Outcomes[i];
            if (!IsOutcome(outcome.Kind, cell, out var observed, out var reason)) return Fault($"outcomes.{outcome.Name}", reason);
            observations.Add(new()
            {
                Id = $"#{Hash($"{id}:{outcome.Name}"):x16}", DecisionId = id, Outcome = outcome.Name, Value = observed, Time = time, ReceivedAt = now,
                Marks = RecordMarks.Imported, RequestHash = Hash($"{id}|{outcome.Name}|{observed:R}|{time.UtcTicks}"),
            });
        }

        var decision = new DecisionRecord
        {
            Id = id, DecisionPointId = plan.Point.Id, Unit = unit, Time = time, BlueprintVersion = plan.Version, Option = option, Value = value,
            Propensity = propensity, Reason = experiment is null ? Reason.Policy : Reason.Experiment, ExperimentId = experiment,
            Arm = experiment is null ? -1 : plan.ArmOfOption[option], Marks = RecordMarks.Imported, Served = plan.Complete(served.AsSpan(0, length)),
        };
        return new(decision with { RequestHash = Hash(decision) }, [.. observations], null);
    }

    private static int Option(ImportPlan plan, string text)
    {
        var key = plan.Mapping.Options.GetValueOrDefault(text, text);
        for (var i = 0; i < plan.OptionKeys.Count; i++) if (plan.OptionKeys[i] == key) return i;
        return plan.Content.Shape == DecisionShape.Binary && YesNo.TryRead(key, out var yes) ? (yes ? 1 : 0) : -1;
    }

    private static bool Serve(Feature feature, string cell, Span<byte> to, out int written, out string reason)
    {
        var kind = feature.Kind;
        (written, reason) = (0, "");
        if (cell.Length == 0) written = ServedRow.WriteMissing(to);
        else if (kind == FeatureKind.Number && IsNumber(cell, out var number)) written = ServedRow.WriteNumber(to, number);
        else if (kind == FeatureKind.Number) reason = ImportTexts.NotANumber(cell);
        else if (kind == FeatureKind.Boolean && YesNo.TryRead(cell, out var yes)) written = ServedRow.WriteBoolean(to, yes);
        else if (kind == FeatureKind.Boolean) reason = ImportTexts.NotYesNo(cell);
        else if (kind == FeatureKind.Time && IsTime(cell, out var time)) written = ServedRow.WriteNumber(to, TimeText.Seconds(time));
        else if (kind == FeatureKind.Time) reason = ImportTexts.NotATime(cell);
        else if (kind is FeatureKind.Tags or FeatureKind.Vector) written = ImportedList.Serve(feature, cell, to, out reason);
        else if (cell.Length > MaxText) reason = ImportTexts.TooLong();
        else written = ServedRow.WriteText(to, Encoding.UTF8.GetBytes(cell));
        return written > 0;
    }

    private static bool IsOutcome(OutcomeKind kind, string cell, out double value, out string reason)
    {
        (value, reason) = (double.NaN, "");
        if (kind == OutcomeKind.Boolean)
        {
            if (YesNo.TryRead(cell, out var yes)) value = yes ? 1 : 0;
            else reason = ImportTexts.NotYesNo(cell);
        }
        else if (!IsNumber(cell, out value)) reason = ImportTexts.NotANumber(cell);
        else if (Math.Abs(value) > Outcome.MostMagnitude) reason = ImportTexts.TooLarge(cell);
        else if (kind == OutcomeKind.Duration && value < 0) reason = ImportTexts.Negative(cell);
        else if (kind == OutcomeKind.Count && (value < 0 || value != Math.Floor(value))) reason = ImportTexts.NotWhole(cell);
        return reason.Length == 0;
    }

    private static bool IsNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static bool IsTime(string text, out DateTimeOffset time)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 10_000_000_000)
        {
            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return true;
        }
        // Year, month and day in this order: of 03/04/2025 nobody can tell the month.
        time = default;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return false;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>Bytes of an id that say its row's place.</summary>
    public const int PlaceBytes = 6;

    // A UUID of version 8 that begins with the row's place, so that rows are stored side by side, and goes on with a hash of what it says.
    private static string Id(Guid point, long index, string[] cells)
    {
        Span<byte> id = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{point:N}|{index}|{string.Join('\u001f', cells)}"), id);
        BinaryPrimitives.WriteInt32BigEndian(id, (int)(index >> 16));
        BinaryPrimitives.WriteInt16BigEndian(id[4..], (short)index);
        id[6] = (byte)(0x80 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new Guid(id[..16], bigEndian: true).ToString();
    }

    private static ulong Hash(DecisionRecord r)
    {
        var full = new byte[ServedRow.InFullBytes(r.Served.Length)];
        var served = full.AsSpan(0, ServedRow.WriteInFull(r.Served.Span, full));
        return Hash($"{r.Id}|{r.Unit}|{r.Time.UtcTicks}|{r.Option}|{r.Value:R}|{r.Propensity:R}|{r.ExperimentId}|{r.Arm}|{r.BlueprintVersion}|{Convert.ToHexString(served)}");
    }

    private static ulong Hash(FormattableString text) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture))));
}
