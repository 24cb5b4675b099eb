namespace Looper.Web.Commands;

/// <summary>The key of a command that calls a running server: never an argument, which every user of the machine could read.</summary>
internal static class KeyVariable
{
    public const string Name = "LOOPER_API_KEY";

    /// <param name="may">What the key must be good for.</param>
    /// <param name="fault">A sentence where there is none that can be sent; null else.</param>
    public static string Read(string may, out string? fault)
    {
        var key = (Environment.GetEnvironmentVariable(Name) ?? "").Trim();
        fault = key.Length == 0 ? $"{Name} is not set. Create a key that may {may}, and put it there."
            : key.Any(c => !char.IsAscii(c) || char.IsControl(c)) ? $"{Name} holds more than a key: give the one line that begins with lpr_." : null;
        return key;
    }
}
