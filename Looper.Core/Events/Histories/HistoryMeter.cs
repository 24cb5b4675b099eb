using Looper.Core.Serving.Histories;

namespace Looper.Core.Events.Histories;

/// <summary>The instruments <c>looper.history.*</c>.</summary>
internal static class HistoryMeter
{
    public static void Observe(LooperMeter looper, UnitHistories units)
    {
        var meter = looper.Meter;
        meter.CreateObservableGauge("looper.history.units", () => units.Units, "{unit}", "Units of a decision point whose reports are kept in memory.");
        meter.CreateObservableGauge("looper.history.size", () => units.Bytes, "By", "Memory that they take, about.");
        meter.CreateObservableCounter("looper.history.evicted", () => units.Evicted, "{unit}", "Units forgotten for want of room.");
        meter.CreateObservableCounter("looper.history.unknown", () => units.Unknown, "{decision}", "Decisions served with a history missing, since it was not all there.");
    }
}
