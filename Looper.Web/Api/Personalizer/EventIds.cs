using System.Security.Cryptography;
using System.Text;

namespace Looper.Web.Api.Personalizer;

/// <summary>An event of Personalizer belongs to one resource; the id of a decision is unique over the installation. So a decision's id is the key of its decision point, a
/// colon and the event's id: the same event id at two decision points means two decisions.</summary>
internal static class EventIds
{
    public const int Most = 256;

    /// <summary>Where the two together are longer than an id may be, a hash of the event's id takes its place.</summary>
    public static string DecisionId(string point, string eventId) => point.Length + 1 + eventId.Length <= DataJson.MaxId
        ? $"{point}:{eventId}"
        : $"{point}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(eventId)).AsSpan(0, 16))}";

    /// <summary>Null for an id that may be used.</summary>
    public static DataFault? Check(string eventId) => eventId.Length == 0 ? DataFault.Invalid("eventId", "this is empty.")
        : eventId.Length > Most ? DataFault.Invalid("eventId", $"this is longer than {Most} characters.")
        : eventId.Any(c => c is < ' ' or '\x7F') ? DataFault.Invalid("eventId", "this holds control characters.")
        : null;
}
