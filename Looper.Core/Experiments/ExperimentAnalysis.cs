namespace Looper.Core.Experiments;

/// <summary>From exposed units to a report: one pass, mergeable moments, no clock and no database.</summary>
public sealed class ExperimentAnalysis
{
    /// <summary>Version of the whole analysis; a change of any default or method raises it.</summary>
    public const string Version = "experiment-1";
}
