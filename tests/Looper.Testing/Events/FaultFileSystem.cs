using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Looper.Testing.Events;

/// <summary>A file system for SQLite that fails or records as told: the system's own, with opening, writing, flushing, truncating and
/// deleting passed through a <see cref="FaultPlan"/>. Registered once per process under <see cref="Name"/>; plans go by folder.</summary>
public static unsafe partial class FaultFileSystem
{
    public const string Name = "fault";

    private const int Delete = 0x8; // SQLITE_OPEN_DELETEONCLOSE: a temporary file, none of our business
    private static readonly ConcurrentDictionary<string, FaultPlan> s_plans = [];
    private static readonly ConcurrentDictionary<nint, OpenFile> s_files = [];
    private static Vfs* s_system;

    /// <summary>Puts the plan over every file in the folder until it is disposed.</summary>
    public static void Use(FaultPlan plan)
    {
        Register();
        s_plans[plan.Folder] = plan;
    }

    internal static void Forget(FaultPlan plan) => s_plans.TryRemove(plan.Folder, out _);

    private static void Register()
    {
        lock (s_plans)
        {
            if (s_system != null) return;
            SQLitePCL.Batteries_V2.Init();
            s_system = sqlite3_vfs_find(null);
            var fault = (Vfs*)NativeMemory.Alloc((nuint)sizeof(Vfs));
            *fault = *s_system;
            fault->Next = null;
            fault->Name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
            fault->Open = &Open;
            fault->DeleteFile = &DeleteFile;
            if (sqlite3_vfs_register(fault, 0) != 0) throw new InvalidOperationException("SQLite did not take the faulty file system.");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* path, SqliteFile* file, int flags, int* outFlags)
    {
        var name = Marshal.PtrToStringUTF8((nint)path);
        var plan = name is null || (flags & Delete) != 0 ? null : s_plans.GetValueOrDefault(Path.GetDirectoryName(name)!);
        if (plan?.Fails(FileCall.Open, name!, 0) is { } code && code != 0)
        {
            file->Methods = null;
            return code;
        }
        var result = s_system->Open(s_system, path, file, flags, outFlags);
        if (result != 0 || plan is null || file->Methods == null) return result;
        var own = (Methods*)NativeMemory.Alloc((nuint)sizeof(Methods));
        *own = *file->Methods;
        (own->Close, own->Write, own->Truncate, own->Sync) = (&Close, &Write, &Truncate, &Sync);
        s_files[(nint)file] = new(plan, name!, (nint)file->Methods, (nint)own);
        file->Methods = own;
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DeleteFile(Vfs* vfs, byte* path, int syncFolder)
    {
        var name = Marshal.PtrToStringUTF8((nint)path)!;
        var plan = s_plans.GetValueOrDefault(Path.GetDirectoryName(name)!);
        if (plan?.Fails(FileCall.Delete, name, 0) is { } code && code != 0) return code;
        var result = s_system->DeleteFile(s_system, path, syncFolder);
        if (result == 0) plan?.Record(new(FileCall.Delete, name, 0, []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(SqliteFile* file)
    {
        s_files.TryRemove((nint)file, out var open);
        file->Methods = (Methods*)open!.System;
        var result = file->Methods->Close(file);
        NativeMemory.Free((void*)open.Own);
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(SqliteFile* file, byte* bytes, int count, long offset)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Write, open.Path, offset + count) is var code and not 0) return code;
        var result = ((Methods*)open.System)->Write(file, bytes, count, offset);
        if (result == 0) open.Plan.Record(new(FileCall.Write, open.Path, offset, open.Plan.IsRecording ? new ReadOnlySpan<byte>(bytes, count).ToArray() : []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Truncate(SqliteFile* file, long size)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Truncate, open.Path, 0) is var code and not 0) return code;
        var result = ((Methods*)open.System)->Truncate(file, size);
        if (result == 0) open.Plan.Record(new(FileCall.Truncate, open.Path, size, []));
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(SqliteFile* file, int flags)
    {
        var open = s_files[(nint)file];
        if (open.Plan.Fails(FileCall.Sync, open.Path, 0) is var code and not 0) return code;
        var result = ((Methods*)open.System)->Sync(file, flags);
        if (result == 0) open.Plan.Record(new(FileCall.Sync, open.Path, 0, []));
        return result;
    }

    [LibraryImport("e_sqlite3")]
    private static partial Vfs* sqlite3_vfs_find(byte* name);

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_vfs_register(Vfs* vfs, int makeDefault);

    private sealed record OpenFile(FaultPlan Plan, string Path, nint System, nint Own);

    private struct SqliteFile
    {
        public Methods* Methods;
    }

    // sqlite3_vfs, version 3.
    private struct Vfs
    {
        public int Version, FileBytes, MaxPath;
        public Vfs* Next;
        public byte* Name;
        public void* AppData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, SqliteFile*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> DeleteFile;
        public Rest12 Others;
    }

    // sqlite3_io_methods, version 3.
    private struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<SqliteFile*, int> Close;
        public void* Read;
        public delegate* unmanaged[Cdecl]<SqliteFile*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<SqliteFile*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Sync;
        public Rest13 Others;
    }

    // xAccess to xNextSystemCall: twelve pointers more.
    [InlineArray(12)]
    private struct Rest12
    {
        private nint _pointer;
    }

    // xFileSize to xUnfetch: thirteen pointers more.
    [InlineArray(13)]
    private struct Rest13
    {
        private nint _pointer;
    }
}
