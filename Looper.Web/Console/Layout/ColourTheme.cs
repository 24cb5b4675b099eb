namespace Looper.Web.Console.Layout;

/// <summary>Light, dark, or what the system says: kept in a cookie and applied by the server, before anything is painted.</summary>
public sealed record ColourTheme(string Name)
{
    public const string Cookie = "looper-theme";

    public static ColourTheme From(string? cookie) => new(cookie is "light" or "dark" ? cookie : "system");
}
