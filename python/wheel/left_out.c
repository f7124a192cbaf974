/* Stands in, in the wheel that bundles its libraries, for three that those link and regard never needs:
 *
 *   libGLX    OpenCV's exchange of images with OpenGL. It would bring X11 along.
 *   libjbig   TIFF's JBIG compression, of fax machines. GPL.
 *   libx265   libheif's encoder; HEIC is read with libde265. GPL.
 *
 * The functions only have to be there, since libraries are linked with all symbols bound at once. Those that could be
 * called by an odd file fail. scripts/wheel puts this in the place of the three. */

#define SHOWN __attribute__((visibility("default")))

SHOWN void* glXGetCurrentContext(void) { return 0; }
SHOWN void* glXGetCurrentDisplay(void) { return 0; }
SHOWN void* glXGetProcAddressARB(const unsigned char* name) { return (void)name, (void*)0; }

SHOWN const void* x265_api_get_199(int bit_depth) { return (void)bit_depth, (const void*)0; }

/* Any status but 0 is an error. */
enum { kAborted = 1 };
SHOWN void jbg_dec_init(void* state) { (void)state; }
SHOWN int jbg_dec_in(void* state, unsigned char* data, unsigned long size, unsigned long* read) {
  return (void)state, (void)data, (void)size, (void)read, kAborted;
}
SHOWN unsigned long jbg_dec_getsize(const void* state) { return (void)state, 0ul; }
SHOWN unsigned char* jbg_dec_getimage(const void* state, int plane) {
  return (void)state, (void)plane, (unsigned char*)0;
}
SHOWN void jbg_dec_free(void* state) { (void)state; }
SHOWN const char* jbg_strerror(int status) { return (void)status, "JBIG is not part of this build"; }
SHOWN int jbg_newlen(unsigned char* data, unsigned long size) { return (void)data, (void)size, kAborted; }
SHOWN void jbg_enc_init(void* state, unsigned long width, unsigned long height, int planes, unsigned char** data,
                        void (*write)(unsigned char*, unsigned long, void*), void* file) {
  (void)state, (void)width, (void)height, (void)planes, (void)data, (void)write, (void)file;
}
SHOWN void jbg_enc_out(void* state) { (void)state; }
SHOWN void jbg_enc_free(void* state) { (void)state; }
