using System.Text.RegularExpressions;

namespace Looper.Core.Decisions.Samples;

/// <summary>What a field's name gives away. Names are split into words at case changes, digits, dots, hyphens and underscores.</summary>
internal static partial class FieldNames
{
    private static readonly HashSet<string> s_identifiers = ["id", "uuid", "guid", "ids"];
    private static readonly HashSet<string> s_personal =
    [
        "email", "mail", "phone", "telephone", "tel", "msisdn", "address", "street", "ip", "ipaddress", "iban", "bic", "birthday", "birthdate", "dob", "ssn", "passport",
        "surname", "firstname", "lastname", "fullname", "username", "latitude", "longitude", "lat", "lng", "lon", "cardnumber", "creditcard",
    ];
    private static readonly string[] s_personalPairs = ["first name", "last name", "full name", "user name", "e mail", "birth date", "date birth", "card number", "credit card", "account number", "postal address"];
    private static readonly HashSet<string> s_sensitive =
    [
        "gender", "sex", "religion", "religious", "health", "disease", "diagnosis", "ethnicity", "ethnic", "race", "disability", "disabled", "pregnant", "pregnancy",
        "political", "politics", "orientation", "sexuality", "union", "criminal", "caste", "biometric", "genetic",
    ];

    public static bool IsIdentifier(string name) => Words(name) is { Count: > 0 } words && s_identifiers.Contains(words[^1]);

    public static bool IsPersonal(string name)
    {
        var words = Words(name);
        if (words.Any(s_personal.Contains)) return true;
        var spaced = string.Join(' ', words);
        return s_personalPairs.Any(p => $" {spaced} ".Contains($" {p} ", StringComparison.Ordinal));
    }

    public static bool IsSensitive(string name) => Words(name).Any(s_sensitive.Contains);

    public static bool SoundsLikeTime(string name) => Words(name) is { Count: > 0 } words && words[^1] is "at" or "time" or "date" or "timestamp" or "ts" or "since" or "on";

    /// <summary>The name contains the outcome, also in another form of the same word (<c>purchased</c>, <c>conversion</c> for <c>converted</c>).</summary>
    public static bool Tells(string name, string outcome)
    {
        var (a, b) = (string.Concat(Words(name)), string.Concat(Words(outcome)));
        if (b.Length < 3) return a == b;
        if (a.Contains(b, StringComparison.Ordinal)) return true;
        var stem = b.Length >= 7 ? b[..^2] : b;
        return Words(name).Any(w => w.Length >= 5 && (w.StartsWith(stem, StringComparison.Ordinal) || (b.Length >= 7 && CommonStart(w, b) >= 6)));
    }

    private static int CommonStart(string a, string b)
    {
        var i = 0;
        while (i < a.Length && i < b.Length && a[i] == b[i]) i++;
        return i;
    }

    private static List<string> Words(string name) => [.. Word().Matches(name).Select(m => m.Value.ToLowerInvariant())];

    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+")]
    private static partial Regex Word();
}
