namespace Looper.EndToEnd.Tests.Browser;

internal static class Pictures
{
    /// <summary>Where screenshots go; ignored by git, but for the ones the README shows.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Root(), "tests", "screenshots")).FullName;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Looper.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not lie inside the repository.");
    }
}
