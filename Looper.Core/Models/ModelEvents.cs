using Microsoft.Extensions.Logging;

namespace Looper.Core.Models;

/// <summary>Log events 1610 to 1619: stable names, one meaning each.</summary>
public static partial class ModelEvents
{
    /// <param name="who"><c>rule</c>, or a person's name.</param>
    [LoggerMessage(1610, LogLevel.Information, "model.promoted: {Key}/{Number} by {Who}")]
    public static partial void Promoted(ILogger log, string key, int number, string who);

    [LoggerMessage(1611, LogLevel.Warning, "model.rolled-back: {Key}/{Number} by {Who}")]
    public static partial void RolledBack(ILogger log, string key, int number, string who);
}
