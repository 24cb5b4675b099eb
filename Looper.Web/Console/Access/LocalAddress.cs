namespace Looper.Web.Console.Access;

/// <summary>Where to go after signing in: an address of this site, or Home. Anything that could leave the site is Home.</summary>
internal static class LocalAddress
{
    public static string Of(string? address) =>
        address is ['/', ..] && !address.StartsWith("//", StringComparison.Ordinal) && !address.StartsWith("/\\", StringComparison.Ordinal) && !address.Any(char.IsControl)
            ? address : "/";
}
